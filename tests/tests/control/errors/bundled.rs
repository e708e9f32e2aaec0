use insula_tests::{App, Dev, Server};

use super::bundle;

fn app() -> App {
    App::files(&[
        (
            "src/index.ts",
            "import { load } from './store.ts';\n\n\
             export default {\n\
             \x20 async fetch(request: Request): Promise<Response> {\n\
             \x20   const { pathname } = new URL(request.url);\n\
             \x20   if (pathname === '/later') Promise.reject(new RangeError('nobody caught this'));\n\
             \x20   if (pathname === '/log') console.error(new EvalError('logged'));\n\
             \x20   if (pathname === '/throw') load('throw');\n\
             \x20   return new Response('ok');\n\
             \x20 },\n\
             };\n",
        ),
        (
            "src/store.ts",
            "interface Row { name: string }\n\n\
             export function load(name: string): Row {\n\
             \x20 try {\n\
             \x20   return JSON.parse(name);\n\
             \x20 } catch (cause) {\n\
             \x20   throw new TypeError(`cannot load ${name}`, { cause });\n\
             \x20 }\n\
             }\n",
        ),
    ])
}

#[tokio::test]
async fn what_a_request_fails_with_is_told_at_the_author_s_line() {
    for kind in ["linked", "inline", "external"] {
        let app = app();
        let folder = bundle(&app, kind).await;
        let server = Server::start().await;
        let folder = folder.to_str().unwrap();
        server.insula(&["deploy", folder, "--tenant", "alice"]).await.succeeded();
        let mut tail = server.tail("alice");
        assert_eq!(server.get("alice", "/throw").await.status, 500);
        let outcome = tail.outcome("/throw").await;
        let detail = &outcome["error"]["detail"];
        assert_eq!(detail["message"], "TypeError: cannot load throw", "{kind}: {outcome:#}");
        assert_eq!((&detail["file"], &detail["line"]), (&"src/store.ts".into(), &7.into()));
        assert!(detail["source_line"].as_str().unwrap().contains("throw new TypeError(`cannot"));
        let stack = detail["stack"].as_str().unwrap();
        assert!(
            stack.contains("@src/store.ts:7:") && stack.contains("@src/index.ts:8:"),
            "{stack}"
        );
        assert!(stack.contains("caused by: SyntaxError: JSON.parse"), "{stack}");
        let message = outcome["error"]["message"].as_str().unwrap();
        assert!(message.contains("at src/store.ts:7:"), "{message}");
    }
}

#[tokio::test]
async fn what_nobody_catches_and_what_is_logged_is_too() {
    let app = app();
    let folder = bundle(&app, "linked").await;
    let server = Server::start().await;
    server.insula(&["deploy", folder.to_str().unwrap(), "--tenant", "alice"]).await.succeeded();
    server.get("alice", "/later").await.assert_ok("ok");
    server.get("alice", "/log").await.assert_ok("ok");
    // Another version is live when they are read.
    server.handler("alice", "() => new Response('new')").await;
    let mut tail = server.tail("alice");
    let uncaught = tail.wait_for_text("nobody caught this").await;
    let detail = &uncaught["detail"];
    assert_eq!((&detail["file"], &detail["line"]), (&"src/index.ts".into(), &6.into()));
    assert_eq!(detail["mapped"], true);
    let logged = tail.wait_for_text("EvalError: logged").await;
    assert!(logged["text"].as_str().unwrap().contains("src/index.ts:7:"), "{logged}");
}

#[tokio::test]
async fn so_is_what_does_not_start() {
    let app = App::files(&[(
        "src/index.ts",
        "const config: { port?: { value: number } } = {};\n\n\
         console.log((config.port as { value: number }).value);\n\
         export default { fetch: () => new Response() };\n",
    )]);
    let folder = bundle(&app, "linked").await;
    let server = Server::start().await;
    let folder = folder.to_str().unwrap();
    let shown = server.insula(&["deploy", folder, "--tenant", "alice"]).await.failed(1);
    assert!(shown.contains("src/index.ts:3:"), "{shown}");
    assert!(shown.contains("3 | console.log((config.port as"), "{shown}");
}

#[tokio::test]
async fn the_maps_do_not_reach_the_isolate() {
    let app = App::files(&[(
        "src/index.ts",
        "const marker: string = 'only in the source';\n\
         export default { fetch: () => new Response(marker.length.toString()) };\n",
    )]);
    let folder = bundle(&app, "inline").await;
    let server = Server::start().await;
    let bytes = async |args: &[&str]| {
        let path = folder.to_str().unwrap();
        let args = [&["deploy", path, "--tenant", "alice", "--json"], args].concat();
        server.insula(&args).await.json()["bundle_bytes"].as_u64().unwrap()
    };
    let deployed = bytes(&[]).await;
    let on_disk = std::fs::metadata(folder.join("dist/index.js")).unwrap().len();
    assert!(deployed * 2 < on_disk, "{deployed} of {on_disk}");
    server.get("alice", "/").await.assert_ok("18");
}

#[tokio::test]
async fn development_shows_it_in_the_terminal_and_in_the_browser() {
    let app = app();
    let folder = bundle(&app, "linked").await;
    let mut dev = Dev::start(&folder).await;
    let page = dev.get("/throw", "text/html,*/*;q=0.8").await;
    assert_eq!((page.status, page.header("insula-error")), (500, "tenant-exception"));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for part in ["TypeError: cannot load throw", "src/store.ts:7:", "throw new TypeError(`cannot"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let shown = dev.shows("src/index.ts:8:").await;
    assert!(shown.contains("src/store.ts:7:"), "{shown}");
    assert!(shown.contains("    throw new TypeError(`cannot load"), "{shown}");
    // Programs get what they get from a server.
    let plain = dev.get("/throw", "*/*").await;
    assert_eq!(plain.text(), "tenant-exception: the application failed\n");
}

#[tokio::test]
async fn a_server_shows_no_such_page() {
    let server = Server::start().await;
    server.handler("alice", "() => { throw new Error('secret') }").await;
    let request = http::Request::get("/").header("host", insula_tests::host("alice"));
    let request = request.header("accept", "text/html").body(insula_tests::empty()).unwrap();
    let answer = insula_tests::Connection::http1(server.listen()).await.send(request).await;
    assert_eq!((answer.status, answer.text().contains("secret")), (500, false));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
}
