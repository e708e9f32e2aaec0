use std::fs;

use crate::prison::{start, users};

#[test]
fn the_waiting_process_has_no_more_rights_than_the_cordon() {
    for user in users() {
        let mut cell = start(user, &["end", "wait"]);
        cell.speak();
        assert_eq!(cell.hear(), "waiting\n");
        // The cordon may be there before its parent has taken its last step, the filter. A parent
        // that fails on its way there ends.
        let status = loop {
            let status = fs::read_to_string(format!("/proc/{}/status", cell.pid())).expect("lives");
            assert!(!field(&status, "State").starts_with('Z'), "{status}");
            if field(&status, "Seccomp") == "2" {
                break status;
            }
            std::thread::yield_now();
        };
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(field(&status, set), "0000000000000000", "{user:?}: {set}");
        }
        assert_eq!(field(&status, "NoNewPrivs"), "1", "{user:?}");
        assert!(!field(&status, "Uid").split_whitespace().any(|id| id == "0"), "{status}");
        cell.kill();
        cell.end();
    }
}

fn field<'a>(status: &'a str, name: &str) -> &'a str {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.expect("is there").trim()
}
