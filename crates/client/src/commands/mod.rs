//! The body of every UI command, by subject.

mod accounts;
mod assignments;
mod attachments;
mod care_returns;
mod checking;
mod colleagues;
mod drafts;
mod establishment_files;
mod establishments;
mod files;
mod imports;
mod lists;
mod messages;
mod outbox;
mod passwords;
mod pupils;
mod recipients;
mod reminders;
mod rows;
mod search;
mod taking_part;
mod user_actions;
mod users;
