//! [`insula_fuzz::host_frames`] on any input.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    insula_fuzz::host_frames(input);
});
