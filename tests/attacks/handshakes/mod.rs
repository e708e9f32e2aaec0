//! From a cordon that has been taken over before it greeted: what it may begin with.

crate::attacks! {
    blank_garbage,
    blank_length,
    blank_version,
    garbage,
    other_greeting,
    silence,
    wrong_version,
}
