//! Exit statuses and what the command says when it is used wrongly; with the real binary.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn insula(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_insula"));
    command
        .args(args)
        .current_dir(folder)
        .env_remove("INSULA_ADMIN_URL")
        .env_remove("INSULA_TOKEN");
    command.stdin(Stdio::null()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn wrong_usage_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.js"), "export default {}").unwrap();
    for args in [
        &[][..],
        &["fly"],
        &["serve", "--listen", "nowhere"],
        &["deploy"],
        &["deploy", "a.js", "--cpu-ms", "fast"],
        &["deploy", "a.js"],
        &["secret", "put", "a"],
    ] {
        let output = insula(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(!output.stderr.is_empty(), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn asking_for_help_exits_with_0() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["--help"][..], &["deploy", "--help"], &["--version"]] {
        let output = insula(folder.path(), args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn without_a_server_client_commands_exit_with_1_and_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["tenants"][..],
        &["tenants", "show", "a"],
        &["deployments", "a"],
        &["rollback", "a"],
        &["delete", "a"],
        &["secret", "put", "a", "KEY"],
        &["secret", "list", "a"],
        &["tail", "a"],
    ] {
        let output = insula(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(stderr(&output).contains("insula serve --data"), "{}", stderr(&output));
    }
}

#[test]
fn code_that_does_not_parse_is_shown_before_any_server_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ts"), "let a: number = 1;\n  const = 2;\n").unwrap();
    let output = insula(folder.path(), &["deploy", "a.ts", "--tenant", "a"]);
    assert_eq!(output.status.code(), Some(1));
    let shown = stderr(&output);
    assert!(shown.contains("--> a.ts:2:"), "{shown}");
    assert!(shown.contains("2 |   const = 2;\n"), "{shown}");
    assert!(shown.contains('^'), "{shown}");
}

#[test]
fn a_wrong_configuration_file_is_shown_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = fs::File::create(folder.path().join("insula.toml")).unwrap();
    file.write_all(b"base_domain = \"x.test\"\n\n[limits]\nfuel = 1\n").unwrap();
    let output =
        insula(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("insula.toml:4:1"), "{}", stderr(&output));
    assert!(stderr(&output).contains("fuel"), "{}", stderr(&output));
}

#[test]
fn doctor_tells_the_same_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let table = insula(folder.path(), &["doctor"]);
    let json = insula(folder.path(), &["doctor", "--json"]);
    assert_eq!(table.status.code(), json.status.code());
    let measures: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let measures = measures.as_array().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    let mut fatal = false;
    for measure in measures {
        assert!(table.contains(measure["name"].as_str().unwrap()), "{measure}");
        fatal |= measure["required"] == true && measure["state"] != "in-force";
    }
    assert_eq!(json.status.code(), Some(i32::from(fatal)));
}
