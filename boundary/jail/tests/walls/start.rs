use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::Stdio;

use insula_jail::Mode;

use crate::prison::{Cell, User, link, prepare, run, seen, users};

/// Exit status of an inmate that did not get in.
const OUTSIDE: Option<i32> = Some(20);

#[test]
fn a_start_by_hand_is_refused() {
    let mut command = prepare(User::Own, link().1, Mode::Strict);
    let child = command.stdin(Stdio::null()).spawn().expect("starts");
    let sentence = Cell::new(child, link().0).end();
    assert_eq!(sentence.status.code(), OUTSIDE);
    assert!(sentence.log.contains("insula serve"), "{sentence:?}");
}

#[test]
fn an_environment_is_refused() {
    let (ours, theirs) = link();
    let mut command = prepare(User::Own, theirs, Mode::Strict);
    let cell = Cell::new(command.env("SECRET", "1").spawn().expect("starts"), ours);
    let sentence = cell.end();
    assert_eq!(sentence.status.code(), OUTSIDE);
    assert!(sentence.log.contains("environment"), "{sentence:?}");
}

#[test]
fn what_was_opened_before_is_refused() {
    let sentence = run(User::Own, &["early", "file"]);
    assert_eq!(sentence.status.code(), OUTSIDE);
    assert!(sentence.log.contains("before the walls"), "{sentence:?}");
}

#[test]
fn a_second_thread_is_refused() {
    let sentence = run(User::Own, &["early", "thread"]);
    assert_eq!(sentence.status.code(), OUTSIDE);
    assert!(sentence.log.contains("2 threads"), "{sentence:?}");
}

#[test]
fn descriptors_that_leak_into_the_cordon_are_closed() {
    for user in users() {
        let (ours, theirs) = link();
        let file = File::open("/etc/passwd").expect("is there");
        // A copy that children inherit, as a careless parent of the server may leave one.
        // SAFETY: the number is a new descriptor, which nothing else owns.
        let leak = unsafe { OwnedFd::from_raw_fd(libc::dup(file.as_raw_fd())) };
        let child = prepare(user, theirs, Mode::Strict).arg("look").spawn().expect("starts");
        drop(leak);
        let cell = Cell::new(child, ours);
        cell.speak();
        assert_eq!(seen(&cell.end().log, "descriptors"), "[0, 1, 2]", "{user:?}");
    }
}
