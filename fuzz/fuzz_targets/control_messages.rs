//! [`insula_fuzz::control_messages`] on any input.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    insula_fuzz::control_messages(input);
});
