//! The program `askem-cuda`: the same as `askem`, linked to CUDA.
//!
//! A binary of its own because one that is linked to CUDA does not start where the CUDA
//! libraries are absent.

use std::process::ExitCode;

fn main() -> ExitCode {
    askem::command::main()
}
