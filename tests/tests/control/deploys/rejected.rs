//! Whatever is wrong with a deploy is shown at the author's line, and the old version stays.

use insula_tests::{App, Options, Server};

/// Deploys `app` over a working version; returns what the author is shown.
async fn refusal(app: &App) -> String {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('old')").await;
    let shown = server.try_deploy("alice", app, &[]).await.failed(1);
    server.get("alice", "/").await.assert_ok("old");
    let versions = server.insula(&["deployments", "alice", "--json"]).await.json();
    assert_eq!(versions["deployments"].as_array().unwrap().len(), 1, "{versions}");
    shown
}

#[track_caller]
fn assert_shows(shown: &str, parts: &[&str]) {
    for part in parts {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
}

#[tokio::test]
async fn a_syntax_error() {
    let app = App::module("export default {\n  fetch() { return new Response( }\n};\n");
    assert_shows(
        &refusal(&app).await,
        &["index.js:2:34", "2 |   fetch() { return new Response( }", "^"],
    );
}

#[tokio::test]
async fn a_syntax_error_in_an_imported_module() {
    let app = App::files(&[
        (
            "index.js",
            "import { a } from './lib/a.js';\nexport default { fetch: () => new Response(a) };\n",
        ),
        ("lib/a.js", "export const a = 1;\nexport const b = a +;\n"),
    ]);
    assert_shows(&refusal(&app).await, &["a.js:2:", "2 | export const b = a +;"]);
}

#[tokio::test]
async fn a_throw_at_top_level() {
    let app = App::module(
        "const config = undefined;\n\n  const port = config.port;\nexport default { fetch() {} };\n",
    );
    assert_shows(
        &refusal(&app).await,
        &["TypeError", "index.js:3:", "3 |   const port = config.port;", "^"],
    );
}

#[tokio::test]
async fn a_throw_in_typescript_is_shown_at_the_authors_line() {
    let app = App::files(&[(
        "index.ts",
        "interface A {\n  b: number;\n}\n\nconst a: A = JSON.parse('{}');\nthrow new RangeError(`no ${a.b as number}`);\nexport default { fetch() {} };\n",
    )]);
    assert_shows(
        &refusal(&app).await,
        &["RangeError: no undefined", "index.ts:6:", "6 | throw new RangeError("],
    );
}

#[tokio::test]
async fn a_rejected_promise_at_top_level() {
    let app = App::module(
        "await null;\nawait Promise.reject(new Error('no database'));\nexport default { fetch() {} };\n",
    );
    assert_shows(
        &refusal(&app).await,
        &["no database", "index.js:2:", "2 | await Promise.reject("],
    );
}

#[tokio::test]
async fn no_default_export() {
    let app = App::module("export const fetch = () => new Response('x');\n");
    assert_shows(
        &refusal(&app).await,
        &["nothing handles requests", "default export", "index.js:1:1", "1 | export const fetch"],
    );
}

#[tokio::test]
async fn a_default_export_that_handles_nothing() {
    let app = App::module("export default { fecth() {} };\n");
    assert_shows(
        &refusal(&app).await,
        &["nothing handles requests", "fetch", "index.js:1:1", "1 | export default"],
    );
}

#[tokio::test]
async fn a_top_level_await_that_never_settles() {
    let source = "const late = async () => { await 1 };\n\
                  await new Promise(() => {});\nexport default { fetch() {} };\n";
    assert_shows(
        &refusal(&App::module(source)).await,
        &["top-level await", "never", "index.js:2:1", "2 | await new Promise"],
    );
}

#[tokio::test]
async fn an_import_of_a_file_that_is_not_there() {
    let app = App::module("\nimport x from './nope.js';\nexport default { fetch() {} };\n");
    assert_shows(
        &refusal(&app).await,
        &["./nope.js", "index.js:2:15", "2 | import x from './nope.js';"],
    );
}

#[tokio::test]
async fn an_import_of_a_name_that_is_not_exported() {
    let app = App::files(&[
        (
            "index.js",
            "import { b } from './a.js';\nexport default { fetch: () => new Response(b) };\n",
        ),
        ("a.js", "export const a = 1;\n"),
    ]);
    assert_shows(&refusal(&app).await, &["index.js:1:", "1 | import { b } from './a.js';", "'b'"]);
}

#[tokio::test]
async fn a_bundle_above_the_limit() {
    let server = Server::with(Options::config("[limits]\nbundle_bytes = 10000\n")).await;
    let fits = App::handler(&format!("() => new Response('{}')", "x".repeat(9000)));
    server.deploy("alice", &fits).await;
    let app = App::handler(&format!("() => new Response('{}')", "x".repeat(10_000)));
    let shown = server.try_deploy("alice", &app, &[]).await.failed(1);
    assert_shows(&shown, &["the limit is 10000"]);
    assert_eq!(server.get("alice", "/").await.body.len(), 9000);
}

#[tokio::test]
async fn a_bundle_above_the_default_limit() {
    let comment = format!("// {}\n", "x".repeat(11 << 20));
    let app = App::module(&format!("{comment}export default {{ fetch() {{}} }};\n"));
    assert_shows(&refusal(&app).await, &["the limit is 10485760", "11.0 MiB in 1 module"]);
}

#[tokio::test]
async fn names_that_no_host_name_can_have() {
    let server = Server::start().await;
    let app = App::handler("() => new Response('here')");
    for name in ["", "a.b", "../x", "Ünï", "-a", "a-", "a b", "a/b", &"x".repeat(64), "%2e%2e"] {
        let run = server.try_deploy(name, &app, &[]).await;
        assert!(matches!(run.code, Some(1 | 2)), "{name:?}: {run:?}");
        assert!(!run.stderr.is_empty());
    }
    let tenants = server.insula(&["tenants", "--json"]).await.json();
    assert_eq!(tenants["tenants"].as_array().unwrap().len(), 0, "{tenants}");
}

#[tokio::test]
async fn limits_out_of_range() {
    let server = Server::start().await;
    let app = App::handler("() => new Response('here')");
    for flags in
        [["--cpu-ms", "0"], ["--memory-mb", "1"], ["--wall-ms", "0"], ["--memory-mb", "99999999"]]
    {
        let shown = server.try_deploy("alice", &app, &flags).await.failed(1);
        assert_shows(&shown, &["must be from"]);
    }
    assert_eq!(server.get("alice", "/").await.status, 404);
}
