//! Who shares a cordon and takes what it has only once: mappings and addresses.

mod crowds;

crate::attacks! {
    crowd_of_mappings,
    crowd_of_memories,
}
