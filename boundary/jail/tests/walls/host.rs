//! The host's process, once it has given its rights up.

use insula_jail::{Verdict, host_system_calls};

use crate::prison::{run, users};

/// Attacks, as inmates know them, that must fail without ending a server: a library may try such
/// a call one day.
const REFUSED: &[&str] = &[
    "memfd",
    "vsock-socket",
    "terminal-input",
    "map-writable-code",
    "protect-writable-code",
    "protect-with-key",
    "fork",
    "clone-with-memory",
    "kill",
    "kill-all",
    "tgkill-others",
    "tkill",
    "queue-signal",
    "pidfd",
    "priority",
    "scheduler",
    "affinity",
    "merge-pages",
    "message-queue",
    "shared-memory",
    "setuid",
    "setgroups",
    "capset",
    "set-limit",
    "limit-of-others",
    "become-dumpable",
    "keep-capabilities",
    "allow-tracer",
    "another-filter",
    "futex-with-inheritance",
    "futex-requeue",
    "timer",
    "splice",
    "vmsplice",
    "watch-files",
    "async-io",
    "no-such-call",
];

#[test]
fn no_right_is_left() {
    for user in users() {
        let log = run(user, &["host", "look"]).log;
        let status = |name: &str| {
            let line = log.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
            line.unwrap_or_else(|| panic!("{name} is not in {log}")).to_owned()
        };
        for name in ["Uid", "Gid"] {
            assert!(status(name).split('\t').all(|number| number != "0"), "{user:?}: {log}");
        }
        for set in ["CapEff", "CapPrm", "CapInh", "CapAmb"] {
            assert_eq!(status(set), "0000000000000000", "{user:?}: {set}");
        }
        // An ordinary user's groups cannot be left by whoever is not root.
        if rustix::process::geteuid().is_root() {
            assert_eq!(status("Groups").trim(), "", "{user:?}");
        }
        assert_eq!(status("NoNewPrivs"), "1", "{user:?}");
        assert_eq!(status("Seccomp"), "2", "{user:?}");
    }
}

#[test]
fn every_rule_lets_its_call_through_or_refuses_it() {
    for user in users() {
        let sentence = run(user, &["host", "rules"]);
        assert!(sentence.status.success(), "{user:?}: {sentence:?}");
    }
}

#[test]
fn hostile_calls_end_the_process() {
    for user in users() {
        for rule in host_system_calls().iter().filter(|rule| rule.verdict == Verdict::Kill) {
            let sentence = run(user, &["host", "rule", rule.name]);
            assert!(sentence.is_killed_for_a_call(), "{user:?}: {}: {sentence:?}", rule.name);
        }
    }
}

#[test]
fn other_calls_fail() {
    for user in users() {
        for attack in REFUSED {
            let sentence = run(user, &["host", "attack", attack]);
            assert!(sentence.status.success(), "{user:?}: {attack}: {sentence:?}");
        }
    }
}

#[test]
fn threads_that_start_later_are_held_too() {
    for user in users() {
        assert!(run(user, &["host", "thread"]).status.success(), "{user:?}");
    }
}
