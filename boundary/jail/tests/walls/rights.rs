use std::os::unix::process::CommandExt;

use insula_jail::Mode;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::prison::{Cell, link, prepare, run, seen, users};

#[test]
fn no_right_is_left() {
    for user in users() {
        let log = run(user, &["look"]).log;
        assert_eq!(seen(&log, "root"), "false", "{user:?}");
        for set in ["Effective", "Permitted", "Inheritable", "Bounding", "Ambient"] {
            assert_eq!(seen(&log, set), "Ok(0)", "{user:?}: {set}");
        }
        assert_eq!(seen(&log, "no_new_privileges"), "Ok(true)", "{user:?}");
        assert_eq!(seen(&log, "dumpable"), "Ok(NotDumpable)", "{user:?}");
        assert_eq!(seen(&log, "dies_by"), format!("Ok(Some({:?}))", rustix::process::Signal::KILL));
        assert_eq!(seen(&log, "variables"), "0", "{user:?}");
    }
}

#[test]
fn root_becomes_a_user_of_each_cordons_own() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let users = [(); 2].map(|()| {
        let log = run(crate::prison::User::Own, &["look"]).log;
        assert_eq!(seen(&log, "groups"), "Ok(0)");
        seen(&log, "user").parse::<u32>().expect("a number")
    });
    assert!(users.iter().all(|user| *user >= 0x7000_0000), "{users:?}");
    assert_ne!(users[0], users[1]);
}

#[test]
fn limits_are_set() {
    for user in users() {
        let log = run(user, &["look"]).log;
        for nothing in ["limit_core", "limit_file", "limit_locked"] {
            assert_eq!(seen(&log, nothing), "Some(0)", "{user:?}: {nothing}");
        }
        assert_eq!(seen(&log, "limit_open"), "Some(8192)", "{user:?}");
        assert_eq!(seen(&log, "limit_processes"), "Some(4096)", "{user:?}");
    }
}

#[test]
fn a_stricter_limit_stays() {
    for user in users() {
        let (control, theirs) = link();
        let mut command = prepare(user, theirs, Mode::Strict);
        let stricter = Rlimit { current: Some(4000), maximum: Some(4000) };
        // SAFETY: one system call, which is all that happens between fork and exec.
        unsafe {
            command.pre_exec(move || Ok(setrlimit(Resource::Nofile, stricter)?));
        }
        let cell = Cell::new(command.arg("look").spawn().expect("starts"), control);
        cell.speak();
        assert_eq!(seen(&cell.end().log, "limit_open"), "Some(4000)", "{user:?}");
    }
}
