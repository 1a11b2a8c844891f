//! The program `askem`: hands over to `command`, which reads the arguments and does the rest.

use std::process::ExitCode;

fn main() -> ExitCode {
    askem::command::main()
}
