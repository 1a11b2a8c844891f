//! The threads and their messages: everything that takes longer than a frame happens here.
//!
//! The window and the tests hold a [`Worker`]; it takes a [`Request`], gives back a
//! [`RequestId`] at once and never blocks. Every request ends in exactly one of
//! [`What::Finished`], [`What::Failed`] and [`What::Cancelled`].

pub mod protocol;

pub use protocol::{Event, Outcome, Progress, Request, RequestId, What};
