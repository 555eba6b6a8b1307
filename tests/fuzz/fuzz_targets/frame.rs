//! Frames as they come off the wire, through the whole engine.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nameplate_fuzz::frame(bytes));
