//! The body of every UI command, by subject.

mod accounts;
mod assignments;
mod attachments;
mod care_returns;
mod colleagues;
mod drafts;
mod establishment_files;
mod establishments;
mod files;
mod imports;
mod messages;
mod outbox;
mod passwords;
mod pupils;
mod recipients;
mod reminders;
mod rows;
mod search;
mod security;
mod trail;
mod user_actions;
mod users;
