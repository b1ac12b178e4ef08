//! After a data incident: a message is withdrawn from everyone, and it is worked out from the trail who had it; the same
//! for what could be seen through a wrong link or enrolment. For LA Super Users.

mod acts;
mod confirm;
mod message_report;
mod routes;
mod sight;
#[cfg(test)]
mod sight_tests;
#[cfg(test)]
mod tests;
mod times;
mod withdraw;

pub(crate) use confirm::Confirm;
pub(crate) use routes::router;
