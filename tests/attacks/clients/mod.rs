//! From a client: what it may send, and how slowly.

mod connections;

crate::attacks! {
    admin_without_a_token,
    bare_line_feeds,
    chunk_extensions,
    early_answers,
    endless_heads,
    forged_fields,
    http2_fields,
    http2_floods,
    length_and_chunks,
    never_reading,
    odd_lengths,
    odd_transfer_codings,
    other_hosts,
    slow_bodies,
    slow_heads,
    upgrades,
}
