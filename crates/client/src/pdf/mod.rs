//! Writing PDF files of text: pages of A4, fonts within, any letters.

mod fonts;
mod lines;
mod pages;

pub(crate) use fonts::Fonts;
pub(crate) use pages::{Pages, Style};
