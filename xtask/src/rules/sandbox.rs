//! What code inside the walls must not do, even before the jail forbids it.

use super::Violation;
use crate::{
    rust_source::{code_only, find_word, is_test_file, line_of, without_tests},
    tree::Tree,
};

const FOLDERS: [&str; 2] = ["sandbox/cordon/src/", "sandbox/platform/src/"];

/// Names through which a path or a socket could be opened, or a program started.
const OPENERS: [&str; 21] = [
    "std::fs",
    "std::net",
    "std::process::Command",
    "rustix::fs",
    "rustix::process::chdir",
    "libc::open",
    "libc::socket",
    "File::open",
    "File::create",
    "OpenOptions",
    "Command::new",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixListener",
    "UnixStream::connect",
    "UnixDatagram::bind",
    "UnixDatagram::unbound",
    "net::connect",
    "socket(",
    "socketpair(",
];

pub fn opens_nothing(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, source) in tree.with_extension("rs") {
        if !FOLDERS.iter().any(|folder| path.starts_with(folder)) || is_test_file(path) {
            continue;
        }
        let code = without_tests(&code_only(source));
        for opener in OPENERS {
            for at in find_word(&code, opener).filter(|at| is_use(&code, *at)) {
                let name = opener.trim_end_matches('(');
                violations.push(Violation::at(path, line_of(&code, at), format!("uses {name}")));
            }
        }
        violations.extend(grouped_imports(path, &code));
    }
    violations
}

/// A method or a definition that merely has the same name is none of our business.
fn is_use(code: &str, at: usize) -> bool {
    let before = code[..at].trim_end();
    !before.ends_with('.') && !before.ends_with("fn")
}

/// `use std::{fs, net::TcpStream}` names the modules without spelling `std::fs`.
fn grouped_imports(path: &str, code: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for at in find_word(code, "std::{") {
        let group = &code[at + "std::{".len()..];
        for name in top_level_names(group).iter().filter(|name| matches!(**name, "fs" | "net")) {
            let message = format!("imports std::{name}");
            violations.push(Violation::at(path, line_of(code, at), message));
        }
    }
    violations
}

/// The first names of a brace group's members: `a::b, c::{d, e}}` has `a` and `c`.
fn top_level_names(group: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for part in group.split_inclusive(['{', '}', ',']) {
        if depth == 0 {
            let member = part.trim_matches(|c: char| c.is_whitespace() || "{},".contains(c));
            names.push(member.split("::").next().unwrap_or_default());
        }
        match part.chars().next_back() {
            Some('{') => depth += 1,
            Some('}') if depth == 0 => break,
            Some('}') => depth -= 1,
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(source: &str) -> Vec<String> {
        let tree = Tree::of(&[("sandbox/cordon/src/main.rs", source)]);
        opens_nothing(&tree).into_iter().map(|each| each.message).collect()
    }

    #[test]
    fn openers_are_found() {
        for source in [
            "use std::fs::File;",
            "let a = File::open(path);",
            "use std::os::unix::net::UnixStream; UnixStream::connect(p)",
            "let fd = socket(AF_INET, 0, 0);",
            "use std::{io, net::{TcpAddr, Ipv4Addr}};",
            "use std::{collections::{HashMap, fs}, fs};",
        ] {
            assert_eq!(found_in(source).len(), 1, "{source}");
        }
    }

    #[test]
    fn inherited_descriptors_tests_and_lookalikes_are_fine() {
        for source in [
            "let stream = UnixStream::from(fd);",
            "link.socket(); fn socket() {} let isolate_socket = open_socket(1);",
            "#[cfg(test)]\nmod tests { use std::fs; }",
            "use std::{collections::{fs, net}, io};",
            "// std::net\nlet text = \"TcpStream\";",
        ] {
            assert_eq!(found_in(source), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn other_crates_are_not_looked_at() {
        let tree = Tree::of(&[("host/gateway/src/lib.rs", "use std::net::TcpStream;")]);
        assert_eq!(opens_nothing(&tree), []);
    }
}
