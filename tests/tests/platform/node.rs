//! Programs that give the same lines under Node.js and in an isolate; each is a file in `node_parity`.

use std::path::{Path, PathBuf};

use insula_tests::{App, Server};
use serde_json::Value;
use tokio::process::Command;

/// Collects what a program prints.
const COLLECT: &str = "
    const lines = [];
    const print = (...values) => lines.push(values.map(String).join(' '));
    try { await run(print); } catch (error) { print('THROWN', error?.name, error?.code, error?.message); }
";

#[tokio::test]
async fn programs_print_the_same_as_under_node() {
    let server = Server::start().await;
    let mut wrong = String::new();
    for program in programs() {
        let name = program.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let source = std::fs::read_to_string(&program).expect("a program");
        let entry = format!(
            "import run from './program.js';
            export default {{ async fetch() {{ {COLLECT} return Response.json(lines); }} }};"
        );
        let app = App::files(&[("index.js", &entry), ("program.js", &source)]);
        let there = under_node(&app).await;
        // What comes after would be compared with nothing.
        let ended = ["THROWN ", "STUCK"].iter().all(|word| !there.to_string().contains(word));
        assert!(ended, "{name} does not run to its end: {there}");
        server.deploy_with("parity", &app, &["--cpu-ms", "20000"]).await;
        let answer = server.get("parity", "/").await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        wrong += &differences(name, &answer.json(), &there);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn variables_are_there_when_the_code_starts() {
    let app = App::module(
        "const early = [process.env.COLOUR, Deno.env.get('COLOUR'), Deno.env.has('NONE')];
        export default { fetch: () => Response.json(early) };",
    );
    let server = Server::start().await;
    server.deploy_with("alice", &app, &["--var", "COLOUR=red"]).await;
    assert_eq!(server.get("alice", "/").await.text(), r#"["red","red",false]"#);
}

#[tokio::test]
async fn a_server_of_deno_handles_requests() {
    let app = App::module(
        "Deno.serve({ onError: (error) => new Response(error.message, { status: 503 }) }, async (request) => {
            if (request.url.endsWith('/fail')) throw new Error('caught');
            return new Response(new URL(request.url).pathname);
        });",
    );
    let server = Server::start().await;
    server.deploy("alice", &app).await;
    assert_eq!(server.get("alice", "/path").await.text(), "/path");
    let failed = server.get("alice", "/fail").await;
    assert_eq!((failed.status, failed.text()), (503, "caught"));
}

#[tokio::test]
async fn packages_that_require_find_nodes_modules() {
    let app = App::module(
        "var shim = ((x) => typeof require !== 'undefined' ? require : x)(() => { throw new Error('none') });
        const { join } = shim('path');
        export default { fetch: () => new Response(join('a', 'b') + shim('node:events').name + typeof globalThis.require) };",
    );
    let server = Server::start().await;
    server.deploy("alice", &app).await;
    assert_eq!(server.get("alice", "/").await.text(), "a/bEventEmitterundefined");
}

#[tokio::test]
async fn a_module_that_is_not_there_is_named_when_it_is_deployed() {
    let app =
        App::module("let a;\nimport sqlite from 'node:sqlite';\nexport default { fetch() {} };");
    let server = Server::start().await;
    let refused = server.try_deploy("alice", &app, &[]).await.failed(1);
    assert!(refused.contains("node:sqlite") && refused.contains("index.js:2:"), "{refused}");
}

#[tokio::test]
async fn a_function_that_is_not_there_is_named_when_it_is_called() {
    let app = App::module(
        "import { readFileSync } from 'node:fs';
        import { readFile } from 'node:fs/promises';
        export default { async fetch() {
            const said = [];
            try { readFileSync('x'); } catch (error) { said.push(error.code, error.message); }
            await readFile('x').catch((error) => said.push(error.message));
            return Response.json(said);
        } };",
    );
    let server = Server::start().await;
    server.deploy("alice", &app).await;
    assert_eq!(
        server.get("alice", "/").await.text(),
        r#"["ERR_METHOD_NOT_IMPLEMENTED","node:fs.readFileSync is not available in Insula","node:fs/promises.readFile is not available in Insula"]"#
    );
}

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform/node_parity");
    let entries = std::fs::read_dir(folder).expect("the programs");
    let mut programs: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    programs.sort();
    assert!(!programs.is_empty());
    programs
}

/// What the program of `app` prints under Node.js.
async fn under_node(app: &App) -> Value {
    let script = format!(
        "import run from './program.js'; {COLLECT} process.stdout.write(JSON.stringify(lines));"
    );
    let file = app.folder().join("under_node.mjs");
    std::fs::write(&file, script).expect("write a file");
    std::fs::write(app.folder().join("package.json"), r#"{"type":"module"}"#).expect("write");
    // The working directory of an isolate is the root.
    let output = Command::new("node").arg("--no-warnings").arg(&file).current_dir("/").output();
    let output = output.await.unwrap_or_else(|error| {
        panic!("cannot run node ({error}): install Node.js (Debian: apt-get install nodejs), or run `make test`")
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("lines as JSON")
}

fn differences(name: &str, here: &Value, there: &Value) -> String {
    let (here, there) = (here.as_array().expect("lines"), there.as_array().expect("lines"));
    let mut text = String::new();
    for at in 0..here.len().max(there.len()) {
        let (here, there) = (here.get(at), there.get(at));
        if here != there {
            let shown =
                |line: Option<&Value>| line.and_then(Value::as_str).unwrap_or("nothing").to_owned();
            text += &format!(
                "{name}, line {at}:\n  {}\n  and under Node\n  {}\n",
                shown(here),
                shown(there)
            );
        }
    }
    text
}
