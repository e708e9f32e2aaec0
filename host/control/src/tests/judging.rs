use insula_supervisor::{Limits, LimitsOverride};

use super::fixture::request;
use crate::accept::Accepted;
use crate::api::{DeployRequest, ModuleKind, ModuleUpload, Wall};
use crate::{DeployError, InvalidDeploy};

fn judge(change: impl FnOnce(&mut DeployRequest)) -> Result<Accepted, DeployError> {
    let mut request = request("export default {}");
    change(&mut request);
    Accepted::judge(request, &Limits::default())
}

fn invalid(change: impl FnOnce(&mut DeployRequest)) -> InvalidDeploy {
    match judge(change) {
        Err(DeployError::Invalid(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn js(name: &str) -> ModuleUpload {
    ModuleUpload::new(name, ModuleKind::JavaScript, b"")
}

#[test]
fn a_plain_deployment_is_accepted() {
    let accepted = judge(|request| {
        request.modules.push(ModuleUpload::new("lib/data.bin", ModuleKind::Data, &[0xff, 0]));
        request.vars.insert("NAME".to_owned(), "value".to_owned());
    })
    .unwrap();
    assert_eq!(accepted.bundle.entry, "index.js");
    assert_eq!(&accepted.bundle.modules[1].source[..], [0xff, 0]);
    assert_eq!(accepted.bundle.size(), 19);
}

#[test]
fn equal_code_has_an_equal_hash() {
    let hash = |source: &str| Accepted::judge(request(source), &Limits::default()).unwrap().hash;
    assert_eq!(hash("a"), hash("a"));
    assert_ne!(hash("a"), hash("b"));
    let renamed = judge(|request| {
        request.entry = "main.js".to_owned();
        request.modules[0].name = "main.js".to_owned();
    });
    assert_ne!(renamed.unwrap().hash, hash("export default {}"));
}

#[test]
fn module_names_are_clean_relative_paths() {
    for name in [
        "",
        "/a.js",
        "a//b.js",
        "./a.js",
        "../a.js",
        "a/../b.js",
        "a/",
        "a\\b.js",
        "a\0.js",
        "a?b",
        "insula:a.js",
    ] {
        let error = invalid(|request| request.modules.push(js(name)));
        assert!(matches!(error, InvalidDeploy::ModuleName(_)), "{name:?}: {error}");
    }
    let long = "a".repeat(1025);
    assert!(matches!(invalid(|r| r.modules.push(js(&long))), InvalidDeploy::ModuleName(_)));
    for name in ["a.js", "lib/a b.js", "ä.js", "..a/b...js", ".hidden"] {
        assert!(judge(|request| request.modules.push(js(name))).is_ok(), "{name:?}");
    }
}

#[test]
fn modules_must_add_up() {
    assert_eq!(invalid(|request| request.modules.clear()), InvalidDeploy::NoModules);
    assert_eq!(
        invalid(|request| request.entry = "other.js".to_owned()),
        InvalidDeploy::MissingEntry("other.js".to_owned())
    );
    assert_eq!(
        invalid(|request| request.modules.push(js("index.js"))),
        InvalidDeploy::DuplicateModule("index.js".to_owned())
    );
    assert_eq!(
        invalid(|request| request.modules[0].kind = ModuleKind::Text),
        InvalidDeploy::EntryKind("index.js".to_owned())
    );
    let many = invalid(|request| request.modules = (0..5000).map(|i| js(&i.to_string())).collect());
    assert!(matches!(many, InvalidDeploy::TooManyModules { modules: 5000, .. }));
}

#[test]
fn sources_must_be_what_they_say() {
    assert_eq!(
        invalid(|request| request.modules[0].source = "???".to_owned()),
        InvalidDeploy::NotBase64("index.js".to_owned())
    );
    for kind in [ModuleKind::JavaScript, ModuleKind::Json, ModuleKind::Text] {
        let error = invalid(|r| r.modules.push(ModuleUpload::new("bad", kind, &[0xff])));
        assert_eq!(error, InvalidDeploy::NotUtf8("bad".to_owned()));
    }
}

#[test]
fn a_bundle_above_the_limit_is_refused_with_its_size() {
    let limits = Limits { bundle_bytes: 10, ..Limits::default() };
    let judge = |source: &str| Accepted::judge(request(source), &limits);
    assert!(judge("0123456789").is_ok());
    let error = judge("0123456789a").unwrap_err();
    assert!(
        matches!(
            error,
            DeployError::Invalid(InvalidDeploy::BundleTooLarge { bytes: 11, limit: 10 })
        ),
        "{error}"
    );
}

#[test]
fn limits_out_of_range_are_refused_with_the_range() {
    let ask = |limits: LimitsOverride| judge(|request| request.limits = limits);
    let none = LimitsOverride::default();
    for (limits, text) in [
        (LimitsOverride { cpu_ms: Some(0), ..none }, "cpu_ms is 0; it must be from 1 to 300000"),
        (
            LimitsOverride { cpu_ms: Some(300_001), ..none },
            "cpu_ms is 300001; it must be from 1 to 300000",
        ),
        (
            LimitsOverride { memory_mb: Some(7), ..none },
            "memory_mb is 7; it must be from 8 to 4096",
        ),
        (
            LimitsOverride { memory_mb: Some(4097), ..none },
            "memory_mb is 4097; it must be from 8 to 4096",
        ),
        (LimitsOverride { wall_ms: Some(0), ..none }, "wall_ms is 0; it must be from 1 to 900000"),
        (
            LimitsOverride { wall_ms: Some(u64::MAX), ..none },
            "wall_ms is 18446744073709551615; it must be from 1 to 900000",
        ),
    ] {
        assert_eq!(ask(limits).unwrap_err().to_string(), text);
    }
    for limits in [
        LimitsOverride { cpu_ms: Some(1), memory_mb: Some(8), wall_ms: Some(1), ..none },
        LimitsOverride {
            cpu_ms: Some(300_000),
            memory_mb: Some(4096),
            wall_ms: Some(900_000),
            ..none
        },
    ] {
        assert!(ask(limits).is_ok());
    }
}

#[test]
fn variables_are_bounded() {
    let fill = |count: usize, bytes: usize| {
        move |request: &mut DeployRequest| {
            request.vars = (0..count).map(|i| (format!("V{i}"), "x".repeat(bytes))).collect();
        }
    };
    assert!(judge(fill(256, 1)).is_ok());
    assert!(judge(fill(1, 65_536)).is_ok());
    for (count, bytes) in [(257, 1), (1, 65_537), (20, 65_536)] {
        let error = invalid(fill(count, bytes));
        assert!(matches!(error, InvalidDeploy::TooMany { .. }), "{count} × {bytes}: {error}");
    }
    let error = invalid(|request| drop(request.vars.insert("a b".to_owned(), String::new())));
    assert!(matches!(error, InvalidDeploy::Name(_)));
}

#[test]
fn a_long_message_is_refused() {
    assert!(judge(|request| request.message = Some("ä".repeat(1000))).is_ok());
    let error = invalid(|request| request.message = Some("ä".repeat(1001)));
    assert!(matches!(error, InvalidDeploy::TooMany { count: 1001, .. }));
}

#[test]
fn the_wall_is_what_was_asked_for_and_shared_by_default() {
    let wall_of = |asked| judge(|request| request.wall = asked).unwrap().wall;
    assert_eq!(wall_of(None), insula_supervisor::Wall::Shared);
    assert_eq!(wall_of(Some(Wall::Shared)), insula_supervisor::Wall::Shared);
    assert_eq!(wall_of(Some(Wall::Process)), insula_supervisor::Wall::Process);
}
