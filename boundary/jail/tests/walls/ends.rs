use std::os::unix::process::ExitStatusExt;

use crate::prison::{Cell, User, link, prepare, run, start, users};
use insula_jail::Mode;

#[test]
fn a_status_is_passed_on() {
    for user in users() {
        assert_eq!(run(user, &["end", "status"]).status.code(), Some(7), "{user:?}");
    }
}

#[test]
fn a_fault_ends_both_processes_by_its_signal() {
    for user in users() {
        let status = run(user, &["end", "fault"]).status;
        assert_eq!(status.signal(), Some(libc::SIGSEGV), "{user:?}");
    }
}

#[test]
fn an_abort_ends_the_first_process_of_a_namespace_too() {
    for user in users() {
        let signal = run(user, &["end", "abort"]).status.signal();
        assert!(matches!(signal, Some(libc::SIGABRT | libc::SIGSEGV | libc::SIGILL)), "{signal:?}");
    }
}

#[test]
fn a_fault_names_its_isolate() {
    let cases: [(&str, u64, &[i32]); 3] = [
        ("reported-fault", 0x0102_0304, &[libc::SIGSEGV]),
        ("reported-overflow", 5, &[libc::SIGSEGV]),
        // The engine and the allocator stop like this on any thread.
        ("reported-abort", 0, &[libc::SIGABRT]),
    ];
    for user in users() {
        for (end, isolate, signals) in cases {
            let cell = start(user, &["end", end]);
            cell.speak();
            let packet = cell.packet();
            assert_eq!(packet[..8], isolate.to_le_bytes(), "{user:?}: {end}");
            assert!(signals.contains(&packet[8].into()), "{user:?}: {end}: {packet:?}");
            assert_eq!(cell.end().status.signal(), Some(libc::SIGSEGV), "{user:?}: {end}");
        }
    }
}

#[test]
fn whoever_kills_the_process_that_was_started_kills_the_cordon() {
    for user in users() {
        let mut cell = start(user, &["end", "wait"]);
        cell.speak();
        assert_eq!(cell.hear(), "waiting\n");
        cell.kill();
        // The log ends when the last process that holds it has ended.
        assert_eq!(cell.end().status.signal(), Some(libc::SIGKILL), "{user:?}");
    }
}

#[test]
fn a_supervisor_that_is_gone_is_noticed_before_anything_starts() {
    for user in users() {
        let (ours, theirs) = link();
        let child = prepare(user, theirs, Mode::Strict).arg("look").spawn().expect("starts");
        drop(ours);
        let sentence = Cell::new(child, link().0).end();
        assert_eq!(sentence.status.code(), Some(20), "{user:?}: {sentence:?}");
        assert!(sentence.log.contains("supervisor is gone"), "{user:?}: {sentence:?}");
    }
}

#[test]
fn nothing_happens_before_the_supervisor_speaks() {
    let mut cell = start(User::Own, &["end", "wait"]);
    // Whatever it does, it has not forked: it has no child.
    let children = format!("/proc/{0}/task/{0}/children", cell.pid());
    let text = std::fs::read_to_string(children).expect("is there");
    assert_eq!(text.trim(), "");
    cell.speak();
    assert_eq!(cell.hear(), "waiting\n");
    cell.kill();
    cell.end();
}

#[test]
fn a_cordon_ends_with_its_supervisor() {
    for user in users() {
        let (ours, unused) = link();
        let mut supervisor = prepare(user, unused, Mode::Strict);
        let mut cell = Cell::new(supervisor.arg("supervise").spawn().expect("starts"), ours);
        assert_eq!(cell.hear(), "waiting\n");
        cell.kill();
        // The log ends when the last process that holds it has ended.
        assert_eq!(cell.end().status.signal(), Some(libc::SIGKILL), "{user:?}");
    }
}
