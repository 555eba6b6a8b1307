//! Wiring: command line, threads, replay.
