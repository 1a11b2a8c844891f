//! The integration tests, one module a promise. They drive the library as a user does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod metrics;
mod typed;
