//! The one binary of integration tests: each module drives the program from one side.

mod cli;
mod tidy;
