//! What can be deployed.

use insula_tests::{App, Server};

#[tokio::test]
async fn a_folder_of_modules_with_json_and_dynamic_imports() {
    let app = App::files(&[
        (
            "index.js",
            "import { name } from './lib/name.js';
            import data from './data.json' with { type: 'json' };
            export default { async fetch() {
                const { later } = await import('./lib/later.js');
                return Response.json([name, data.list.length, later, import.meta.url.endsWith('index.js')]);
            } };",
        ),
        ("lib/name.js", "export { own as name } from './own.js';"),
        ("lib/own.js", "export const own = 'own';"),
        ("lib/later.js", "export const later = 'later';"),
        ("data.json", "{ \"list\": [1, 2, 3] }"),
    ]);
    let server = Server::start().await;
    let folder = app.folder().to_str().unwrap();
    server.insula(&["deploy", folder, "--tenant", "alice"]).await.succeeded();
    server.get("alice", "/").await.assert_ok("[\"own\",3,\"later\",true]");
}

#[tokio::test]
async fn typescript() {
    let app = App::files(&[
        (
            "index.ts",
            "import { greet, type Greeting } from './greet';\nenum Colour { Red = 'red' }\nexport default {\n  fetch(request: Request): Response {\n    const g: Greeting = greet(Colour.Red!);\n    return new Response(g.text satisfies string);\n  },\n};\n",
        ),
        (
            "greet.ts",
            "export interface Greeting { text: string }\nexport const greet = <T extends string>(name: T): Greeting => ({ text: `hi ${name}` });\n",
        ),
    ]);
    let server = Server::start().await;
    server.deploy("alice", &app).await;
    server.get("alice", "/").await.assert_ok("hi red");
}

#[tokio::test]
async fn a_folder_with_wrangler_toml() {
    let app = App::files(&[
        (
            "wrangler.toml",
            "name = \"from-file\"\nmain = \"src/worker.js\"\n\n[vars]\nCOLOUR = \"green\"\n",
        ),
        ("src/worker.js", "export default { fetch: (request, env) => new Response(env.COLOUR) };"),
    ]);
    let server = Server::start().await;
    server.insula(&["deploy", app.folder().to_str().unwrap()]).await.succeeded();
    server.get("from-file", "/").await.assert_ok("green");
}

#[tokio::test]
async fn the_examples_that_need_no_bundling() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let server = Server::start().await;
    for name in ["hello", "sse", "typescript"] {
        let path = format!("{examples}/{name}");
        server.insula(&["deploy", &path, "--tenant", name]).await.succeeded();
    }
    assert_eq!(server.get("hello", "/").await.status, 200);
    assert_eq!(server.get("typescript", "/").await.status, 200);
}
