//! What tests that cross programs stand on: a fictional authority, real services, the real window.

pub mod barsetshire;
pub mod support;
pub mod tale;
