//! `askem bench`.
use super::output::Output;
use super::{Done, Options, Stop};
use clap::Args;
use std::path::PathBuf;
/// The arguments of `askem bench`.
#[derive(Args)]
pub struct Arguments {
    /// Image files
    #[arg(value_name = "IMAGE")]
    images: Vec<PathBuf>,
}
/// Measures.
pub fn run(arguments: &Arguments, _options: &Options, _output: &mut Output) -> Result<Done, Stop> {
    let _ = &arguments.images;
    Ok(Done::All)
}
