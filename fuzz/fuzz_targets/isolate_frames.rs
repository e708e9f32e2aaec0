//! [`insula_fuzz::isolate_frames`] on any input.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    insula_fuzz::isolate_frames(input);
});
