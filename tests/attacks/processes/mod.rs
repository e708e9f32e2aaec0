//! From outside: what the kernel says of the cordons, and what one cordon's user may do to another.

mod cordons;

crate::attacks! {
    namespaces,
    others_memory,
    rights,
    shared_users,
}
