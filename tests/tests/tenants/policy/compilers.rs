use insula_tests::{App, Server};
use serde_json::{Value, json};

/// `(module (func (export "answer") (result i32) i32.const 42))`.
const WASM: [u8; 38] = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 10, 1, 6, 97, 110, 115,
    119, 101, 114, 0, 0, 10, 6, 1, 4, 0, 65, 42,
];

/// Compiles at run time, in every way that there is.
fn compiling() -> App {
    // The last byte, which ends the function.
    let bytes: Vec<u8> = WASM.into_iter().chain([11]).collect();
    App::handler(&format!(
        "async () => {{
            const bytes = new Uint8Array({bytes:?});
            const seen = {{}};
            const attempt = async (name, way) => {{
                try {{ seen[name] = (await way()).exports.answer() }} catch (error) {{ seen[name] = error.name }}
            }};
            if (typeof WebAssembly === 'undefined') return Response.json('none');
            await attempt('module', () => new WebAssembly.Instance(new WebAssembly.Module(bytes)));
            await attempt('compile', async () => new WebAssembly.Instance(await WebAssembly.compile(bytes)));
            await attempt('instantiate', async () => (await WebAssembly.instantiate(bytes)).instance);
            const response = () => new Response(bytes, {{ headers: {{ 'content-type': 'application/wasm' }} }});
            await attempt('compileStreaming', async () => WebAssembly.instantiate(await WebAssembly.compileStreaming(response())));
            await attempt('instantiateStreaming', async () => (await WebAssembly.instantiateStreaming(Promise.resolve(response()))).instance);
            return Response.json(seen);
        }}"
    ))
}

#[tokio::test]
async fn web_assembly_from_bytes_needs_the_operators_word() {
    let server = Server::start().await;
    server.deploy("a", &compiling()).await;
    let refused = ["module", "compile", "instantiate", "compileStreaming", "instantiateStreaming"];
    let failures = async || -> Vec<String> {
        let seen = server.get("a", "/").await.json();
        let failed = |way: &&&str| seen[**way].as_str().is_some_and(|name| name.ends_with("Error"));
        refused.iter().filter(failed).map(|way| (*way).to_owned()).collect()
    };
    assert_eq!(failures().await, refused);
    server.insula(&["policy", "set", "a", "--wasm", "on"]).await.succeeded();
    let compiled = refused.map(|way| (way.to_owned(), json!(42)));
    assert_eq!(server.get("a", "/").await.json(), Value::from_iter(compiled));
    server.insula(&["policy", "set", "a", "--wasm", "off"]).await.succeeded();
    assert_eq!(failures().await, refused);
}

#[tokio::test]
async fn a_bundles_own_web_assembly_needs_nobodys() {
    let server = Server::start().await;
    let app = App::files(&[(
        "index.js",
        "import wasm from './answer.wasm';\nconst { exports } = await WebAssembly.instantiate(wasm);\nexport default { fetch: () => new Response(exports.answer()) };\n",
    )]);
    let bytes: Vec<u8> = WASM.into_iter().chain([11]).collect();
    std::fs::write(app.path().with_file_name("answer.wasm"), bytes).expect("write a file");
    server.deploy("a", &app).await;
    server.get("a", "/").await.assert_ok("42");
    let refused = server.try_deploy("a", &app, &["--no-jit"]).await.failed(1);
    assert!(refused.contains("WebAssembly"), "{refused}");
    server.get("a", "/").await.assert_ok("42");
}

#[tokio::test]
async fn without_a_compiler_there_is_no_executable_memory() {
    const SUM: &str = "() => { let x = 0; for (let i = 0; i < 1e5; i++) x += i; return new Response(String(x) + /a(b|c)+/.test('xabcb')); }";
    let server = Server::start().await;
    server.deploy("jit", &App::handler(SUM)).await;
    server.get("jit", "/").await.assert_ok("4999950000true");
    let before = server.cordons();
    assert!(before.iter().any(|cordon| executable_mappings(cordon.id()) > 0), "no machine code");
    server.deploy_with("nojit", &App::handler(SUM), &["--no-jit"]).await;
    server.get("nojit", "/").await.assert_ok("4999950000true");
    let others = server.cordons().into_iter().filter(|cordon| !before.contains(cordon));
    let without = others.filter(|cordon| executable_mappings(cordon.id()) == 0).count();
    assert!(without > 0, "every cordon has machine code");
    let app = compiling();
    server.deploy_with("wasm", &app, &["--no-jit"]).await;
    assert_eq!(server.get("wasm", "/").await.json(), json!("none"));
}

/// Mappings that may be executed and come from no file.
fn executable_mappings(process: i32) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
    let anonymous = |line: &&str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let file = words.get(5).is_some_and(|name| name.starts_with('/') || name.starts_with("[v"));
        words.get(1).is_some_and(|rights| rights.contains('x')) && !file
    };
    maps.lines().filter(anonymous).count()
}
