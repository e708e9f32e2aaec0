//! From a name server that an attacker runs: which addresses it gives, and when.

mod name_server;
pub mod namespace;

crate::attacks! {
    rebinding,
    two_addresses,
    unanswered,
}
