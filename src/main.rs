//! Parses the command line, runs, prints the error once, and exits with the code that scripts rely on.

use std::process::ExitCode;

fn main() -> ExitCode {
    nameplate::app::main()
}
