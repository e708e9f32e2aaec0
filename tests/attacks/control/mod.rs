//! From a cordon that has been taken over: what it may say to its supervisor.

pub mod forgery;

crate::attacks! {
    exited_again,
    exited_strangers,
    forged_log_lines,
    garbage,
    hello_twice,
    packet_too_long,
    standard_error_flood,
    stuck_strangers,
    sudden_end,
    trailing_bytes,
    truncated_packet,
    unknown_reason,
}
