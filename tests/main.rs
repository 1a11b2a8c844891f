//! The integration tests, one binary, one module a promise. They drive the library as the
//! window and the command line do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a failure fails the test"
)]

mod baselines;
mod cli;
mod confidence;
mod filled;
mod formats;
mod hostile;
mod instrument;
mod measure;
mod measure_kinds;
mod measure_lines;
mod measure_real;
mod measure_truth;
mod metrics;
mod mutations;
#[cfg(target_os = "linux")]
mod network;
mod notebook;
mod overlays;
mod own_numbers;
mod pages;
mod scale_bars;
mod scripted;
mod specimens;
mod tidy;
mod training;
mod typed;

#[cfg(feature = "window")]
mod window;
mod worker;
