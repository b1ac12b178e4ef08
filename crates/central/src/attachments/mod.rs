//! Files that go with messages: announced by the device, sent in pieces that resume, judged by their content when they
//! have arrived whole, and then named by a message. Until then they are seen by nobody; afterwards by whoever may read
//! the conversation.

mod claim;
mod kinds;
mod routes;
mod rows;
#[cfg(test)]
mod tests;
mod unclaimed;
mod upload;

pub use kinds::{AttachmentKinds, TakeAttachmentKinds};
pub(crate) use routes::{files_router, router};
pub(crate) use rows::of_messages;
pub(crate) use unclaimed::forget_unclaimed;
