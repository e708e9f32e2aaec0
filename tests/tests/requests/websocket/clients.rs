use http::Request;
use insula_tests::{App, Connection, Options, Server, empty};

use super::{Client, serving};

/// A server whose tenants may reach it, with an echo at `bob` that speaks the protocol `p`.
async fn reachable() -> (Server, String) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let config = "[limits]\ncpu_ms = 5000\n[egress]\nallow = [\"127.0.0.1\"]\n";
    let listen = address.to_string();
    let server = Server::with(Options::config(config).args(&["--listen", &listen])).await;
    let echo = "(ws, request) => { ws.onmessage = (e) => e.data === 'close' ? ws.close(4001, 'as you wish') : ws.send(e.data); return { 'sec-websocket-protocol': 'p' }; }";
    server.deploy("bob", &serving(echo)).await;
    // A name that resolves everywhere.
    let token = std::fs::read_to_string(server.data().join("admin-token")).expect("a token");
    let request = Request::put("/v1/tenants/bob/hosts/127.0.0.1")
        .header("host", server.admin().to_string())
        .header("authorization", format!("Bearer {}", token.trim()));
    let request = request.body(empty()).expect("a request");
    let given = Connection::http1(server.admin()).await.send(request).await;
    assert_eq!(given.status, 204, "{given:?}");
    (server, format!("ws://{address}/"))
}

#[tokio::test]
async fn a_tenant_connects_to_another() {
    let (server, url) = reachable().await;
    let source = format!(
        "async () => {{
            const ws = new WebSocket('{url}', ['p', 'q']);
            ws.binaryType = 'arraybuffer';
            const seen = [ws.readyState];
            await new Promise((resolve, reject) => {{ ws.onopen = resolve; ws.onerror = (e) => reject(new Error(e.message)); }});
            seen.push(ws.readyState, ws.protocol);
            const next = () => new Promise((resolve) => {{ ws.onmessage = (e) => resolve(e.data); }});
            ws.send('text'); seen.push(await next());
            ws.send(new Uint8Array([1, 2])); seen.push((await next()).byteLength);
            const large = 'x'.repeat(3_000_000); ws.send(large); seen.push((await next()) === large);
            ws.send('close');
            const e = await new Promise((resolve) => {{ ws.onclose = resolve; }});
            seen.push(e.code, e.reason, e.wasClean, ws.readyState);
            return Response.json(seen);
        }}"
    );
    server.handler("alice", &source).await;
    server
        .get("alice", "/")
        .await
        .assert_ok(r#"[0,1,"p","text",2,true,4001,"as you wish",true,3]"#);
}

#[tokio::test]
async fn a_client_is_connected_through_a_tenant() {
    let (server, url) = reachable().await;
    let url = url.replace("ws:", "http:");
    server.handler("alice", &format!("(request) => fetch('{url}', request)")).await;
    let offered = [("sec-websocket-protocol", "p")];
    let (mut client, response) = Client::try_open(&server, "/", &offered).await.expect("open");
    assert_eq!(response.headers()["sec-websocket-protocol"], "p");
    client.send("through").await;
    assert_eq!(client.text().await, "through");
    client.send("close").await;
    assert_eq!(client.closed().await, (4001, "as you wish".to_owned()));
}

#[tokio::test]
async fn a_fetch_that_upgrades_has_a_websocket() {
    let (server, url) = reachable().await;
    let url = url.replace("ws:", "http:");
    let source = format!(
        "async () => {{
            const plain = await fetch('{url}');
            const response = await fetch('{url}', {{ headers: {{ Upgrade: 'websocket' }} }});
            const ws = response.webSocket;
            ws.accept();
            ws.send(new Uint8Array([7]));
            const {{ data }} = await new Promise((resolve) => ws.addEventListener('message', resolve));
            ws.close(1000, 'thanks');
            return Response.json([await plain.text(), plain.webSocket, response.status, [...new Uint8Array(data)]]);
        }}"
    );
    server.handler("alice", &source).await;
    server.get("alice", "/").await.assert_ok(r#"["no upgrade: /",null,101,[7]]"#);
}

#[tokio::test]
async fn what_is_no_server_for_it_is_an_error() {
    let (server, url) = reachable().await;
    let outcome = "(url) => new Promise((resolve) => {
        const ws = new WebSocket(url); const seen = [];
        ws.onopen = () => seen.push('open');
        ws.onerror = (e) => seen.push('error', e.message);
        ws.onclose = (e) => resolve([...seen, e.code, e.wasClean, ws.readyState].join(' '));
    })";
    let handler = "async (request, env) => new Response(await connect(new URL(request.url).searchParams.get('u')))";
    let app = App::module(&format!(
        "const connect = {outcome};\nexport default {{ fetch: {handler} }};\n"
    ));
    server.deploy("alice", &app).await;
    server.handler("bob", "() => Response.redirect('http://127.0.0.1:1/')").await;
    for (url, told) in [
        (url.as_str(), "status 302"),
        ("ws://127.0.0.1:1/", "connection refused"),
        ("ws://10.0.0.1/", "not allowed"),
        ("ws://169.254.169.254/", "not allowed"),
        ("wss://[::1]/", "not allowed"),
    ] {
        let answer = server.get("alice", &format!("/?u={url}")).await;
        let text = answer.text();
        assert!(text.starts_with("error ") && text.ends_with(" 1006 false 3"), "{url}: {text}");
        assert!(text.contains(told), "{url}: {text}");
    }
}

#[tokio::test]
async fn those_of_a_request_end_with_it() {
    let (server, url) = reachable().await;
    let source = format!(
        "async () => {{
            const ws = new WebSocket('{url}', 'p');
            await new Promise((resolve) => {{ ws.onopen = resolve; }});
            ws.send('last words');
            return new Response('ok');
        }}"
    );
    let echo = "(ws) => { ws.onmessage = (e) => console.log('heard', e.data); ws.onclose = (e) => console.log('closed', e.code); return { 'sec-websocket-protocol': 'p' }; }";
    server.deploy("bob", &serving(echo)).await;
    let mut tail = server.tail("bob");
    server.handler("alice", &source).await;
    server.get("alice", "/").await.assert_ok("ok");
    tail.wait_for_text("heard last words").await;
    tail.wait_for_text("closed 1001").await;
}
