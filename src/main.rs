//! Parses the command line, runs, prints the error once.

fn main() {}
