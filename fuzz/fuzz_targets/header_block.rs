//! [`insula_fuzz::header_block`] on any input.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    insula_fuzz::header_block(input);
});
