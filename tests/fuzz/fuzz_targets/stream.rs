//! Messages of both parties, shown to one dissector without any layer below it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nameplate_fuzz::stream(bytes));
