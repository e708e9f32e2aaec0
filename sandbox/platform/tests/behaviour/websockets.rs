//! WebSockets: the interface, pairs within one isolate, and what crosses the wall.

use insula_platform::Incoming;
use insula_wire::{MessagePart, SocketEnd, caps};

use crate::support::{Row, Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("arguments_are_checked", arguments),
    ("pairs_talk_within_an_isolate", pairs),
    ("an_answer_carries_messages_both_ways", answers),
    ("what_comes_early_waits", early),
    ("messages_wait_for_credit", credit),
    ("a_response_may_pass_a_connection_on", relays),
    ("connections_open_fail_and_close", connections),
    ("a_request_takes_its_connections_along", ended),
    ("one_may_open_with_its_response", opening),
    ("who_is_connected_hears_of_the_end", farewell),
];

fn arguments() {
    check_rows(ARGUMENTS);
}

const ARGUMENTS: &[Row<'_>] = &[
    (
        "URLs",
        "const out = []; for (const url of ['', '/a', 'ftp://a/', 'ws://', 'ws://a/#', 'ws://a/#x', 'file:///x']) out.push(await failure(() => new WebSocket(url))); return [...new Set(out)];",
        r#"["SyntaxError"]"#,
    ),
    (
        "protocols",
        "const out = []; for (const p of [[''], ['a', 'a'], ['a b'], 'a,b', ['\\u00e9'], ['a', 'A']]) out.push(await failure(() => new WebSocket('ws://a/', p))); return [...new Set(out)];",
        r#"["SyntaxError"]"#,
    ),
    ("nothing", "return failure(() => new WebSocket());", r#""TypeError""#),
    ("a call", "return failure(() => WebSocket('ws://a/'));", r#""TypeError""#),
    (
        "while it connects",
        "const ws = new WebSocket('https://u@a/x'); return [ws.url, ws.readyState, ws.protocol, ws.extensions, ws.bufferedAmount, ws.binaryType, await failure(() => ws.send('x')), await failure(() => ws.close(1001)), await failure(() => ws.close(3000, 'é'.repeat(62))), String(ws), await failure(() => ws.accept())];",
        r#"["wss://u@a/x",0,"","",0,"blob","InvalidStateError","InvalidAccessError","SyntaxError","[object WebSocket]","TypeError"]"#,
    ),
    (
        "constants",
        "return [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.prototype.CLOSING, WebSocket.CLOSED, WebSocket.length, WebSocket.prototype.send.length, Object.keys(WebSocket.prototype).includes('onmessage')];",
        "[0,1,2,3,1,1,true]",
    ),
    (
        "binary types",
        "const ws = new WebSocket('ws://a/'); ws.binaryType = 'x'; const one = ws.binaryType; ws.binaryType = 'arraybuffer'; return [one, ws.binaryType];",
        r#"["blob","arraybuffer"]"#,
    ),
    (
        "close before it opens",
        "const ws = new WebSocket('ws://a/'); const seen = []; ws.onerror = (e) => seen.push(e.type); const closed = new Promise((r) => { ws.onclose = (e) => { seen.push(e.type, e.code, e.wasClean, ws.readyState); r(); }; }); ws.close(); seen.push(ws.readyState); await closed; return seen;",
        r#"[2,"error","close",1006,false,3]"#,
    ),
    (
        "close events",
        "const e = new CloseEvent('close', { code: 4000, reason: 'r', wasClean: true }); const d = new CloseEvent('x'); return [e.code, e.reason, e.wasClean, d.code, d.reason, d.wasClean, e instanceof Event];",
        r#"[4000,"r",true,0,"",false,true]"#,
    ),
    (
        "responses",
        "const { 0: a, 1: b } = new WebSocketPair(); const r = new Response(null, { status: 101, webSocket: a }); return [r.status, r.webSocket === a, new Response().webSocket, await failure(() => new Response(null, { status: 101 })), await failure(() => new Response(null, { status: 200, webSocket: a })), await failure(() => new Response('x', { status: 101, webSocket: a })), await failure(() => new Response(null, { status: 101, webSocket: {} })), await failure(() => r.clone())];",
        r#"[101,true,null,"RangeError","RangeError","TypeError","TypeError","TypeError"]"#,
    ),
];

fn pairs() {
    check_rows(&[
        (
            "text and binary, in order",
            "const [a, b] = Object.values(new WebSocketPair()); const seen = []; a.accept(); b.accept(); const done = new Promise((r) => b.addEventListener('close', r)); b.onmessage = (e) => seen.push(typeof e.data === 'string' ? e.data : [...new Uint8Array(e.data)]); a.send('one'); a.send(new Uint8Array([1, 2]).subarray(1)); a.send('\\ud800'); a.send(12); a.send(new Blob(['x'])); a.close(4001, 'why'); const e = await done; return [seen, e.code, e.reason, e.wasClean, b.readyState];",
            r#"[["one",[2],"�","12",[120]],4001,"why",true,3]"#,
        ),
        (
            "the closing side hears of it too",
            "const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const seen = []; a.onmessage = () => seen.push('late'); b.onmessage = () => b.send('echo'); const done = new Promise((r) => { a.onclose = (e) => { seen.push(e.code, e.wasClean); r(); }; }); a.send('x'); a.close(); seen.push(a.readyState); a.send('lost'); seen.push(a.bufferedAmount); await done; return [seen, a.readyState];",
            "[[2,5,1005,true],3]",
        ),
        (
            "messages wait for accept",
            "const [a, b] = Object.values(new WebSocketPair()); const seen = []; b.onmessage = (e) => seen.push(e.data); a.accept(); a.send('1'); await new Promise((r) => setTimeout(r)); seen.push('accepted'); b.accept(); await new Promise((r) => setTimeout(r)); return [seen, a.bufferedAmount];",
            r#"[["accepted","1"],0]"#,
        ),
        (
            "nothing goes without accept",
            "const [a] = Object.values(new WebSocketPair()); return [await failure(() => a.send('x')), await failure(() => a.close()), a.readyState, a.binaryType];",
            r#"["TypeError","TypeError",1,"arraybuffer"]"#,
        ),
        (
            "a view's content is taken when it is sent",
            "const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const got = new Promise((r) => { b.onmessage = (e) => r([...new Uint8Array(e.data)]); }); const bytes = new Uint8Array([1]); a.send(bytes); const amount = a.bufferedAmount; bytes[0] = 9; return [await got, amount];",
            "[[1],1]",
        ),
        (
            "an error in a listener is reported, and the next message comes",
            "const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const seen = []; addEventListener('error', (e) => { seen.push(e.message); e.preventDefault(); }); const done = new Promise((r) => { b.onmessage = (e) => { if (e.data === '2') r(); else throw new Error('no'); }; }); a.send('1'); a.send('2'); await done; return seen;",
            r#"["Uncaught Error: no"]"#,
        ),
    ]);
}

/// A handler that answers with a WebSocket which `serve` is done to.
fn serving(serve: &str) -> String {
    format!(
        "export default {{ fetch(request) {{
            const [client, server] = Object.values(new WebSocketPair());
            ({serve})(server, request);
            return new Response(null, {{ status: 101, webSocket: client, headers: {{ 'sec-websocket-protocol': 'p' }} }});
        }} }};"
    )
}

fn opened(stream: u32) -> Said {
    let headers = "sec-websocket-protocol: p".to_owned();
    Said::Response { stream, status: 101, headers, body: crate::support::Body::None }
}

fn text(stream: u32, length: usize) -> Said {
    Said::Message { stream, last: true, is_text: true, length }
}

fn answers() {
    let echo = "(ws) => {
        ws.accept();
        ws.send('hello');
        ws.onmessage = (e) => ws.send(e.data);
        ws.onclose = (e) => console.log(e.code, e.reason, e.wasClean);
    }";
    with_tenant(&serving(echo), |tenant| {
        let stream = tenant.get();
        assert_eq!(tenant.said(), [opened(stream), text(stream, 5)]);
        tenant.message(stream, false, MessagePart::Text("a"));
        assert_eq!(tenant.said(), []);
        tenant.message(stream, true, MessagePart::Text("é"));
        assert_eq!(tenant.said(), [text(stream, 3)]);
        tenant.message(stream, true, MessagePart::Binary(&[1, 2, 3, 4]));
        let binary = Said::Message { stream, last: true, is_text: false, length: 4 };
        assert_eq!(tenant.said(), [binary]);
        tenant.message(stream, true, MessagePart::Text(""));
        assert_eq!(tenant.said(), [text(stream, 0)]);
        tenant.closed(stream, SocketEnd::Clean, 4000, "bye");
        let said = tenant.said();
        assert!(matches!(&said[0], Said::Log { text, .. } if text == "4000 bye true"), "{said:?}");
        assert_eq!(said[1..], [Said::Done { stream }]);
        tenant.message(stream, true, MessagePart::Text("late"));
        assert_eq!(tenant.said(), []);
    });
    let closing = "(ws) => { ws.accept(); ws.onmessage = () => ws.close(1011, 'no'); ws.onclose = (e) => console.log(e.code); }";
    with_tenant(&serving(closing), |tenant| {
        let stream = tenant.get();
        tenant.message(stream, true, MessagePart::Text("x"));
        let close = Said::Close { stream, code: 1011, reason: "no".to_owned() };
        assert_eq!(tenant.said(), [opened(stream), close]);
        tenant.closed(stream, SocketEnd::Broken, 1006, "");
        assert_eq!(tenant.logged(), [(stream, "1006".to_owned())]);
    });
}

fn early() {
    let late = "(ws) => { ws.onmessage = (e) => console.log(e.data.length); setTimeout(() => ws.accept(), 10); }";
    with_tenant(&serving(late), |tenant| {
        let stream = tenant.get();
        tenant.said();
        let part = "x".repeat(caps::CHUNK);
        tenant.message(stream, false, MessagePart::Text(&part));
        tenant.message(stream, true, MessagePart::Text("end"));
        assert_eq!(tenant.said(), [], "no credit for what nobody has taken");
        tenant.run();
        let said = tenant.said();
        let granted = caps::CHUNK as u32 + caps::PART_OVERHEAD;
        assert_eq!(said[0], Said::Credit { stream, bytes: granted });
        assert!(matches!(&said[1], Said::Log { text, .. } if text == "65539"), "{said:?}");
    });
}

fn credit() {
    let flood = "(ws) => {
        ws.accept();
        setTimeout(() => console.log(ws.bufferedAmount), 1);
        ws.send('é'.repeat(200_000));
        console.log(ws.bufferedAmount);
        ws.send('tail');
        ws.close(1000, 'done');
    }";
    with_tenant(&serving(flood), |tenant| {
        let stream = tenant.get();
        let sent = |said: &[Said]| {
            said.iter()
                .map(|said| match said {
                    Said::Message { length, .. } => length + caps::PART_OVERHEAD as usize,
                    _ => 0,
                })
                .sum::<usize>()
        };
        let said = tenant.said();
        assert!(said.iter().any(|said| matches!(said, Said::Log { text, .. } if text == "400000")));
        let first = sent(&said);
        assert!(first <= caps::INITIAL_CREDIT as usize && first > 250_000, "{first}");
        tenant.run();
        let logged = tenant.logged();
        let waits = &logged[0].1;
        assert!(waits.parse::<usize>().expect("a number") > 100_000, "{waits}");
        tenant.credit(stream, 100_000);
        assert!(sent(&tenant.said()) <= 100_000);
        tenant.credit(stream, 200_000);
        let said = tenant.said();
        let close = Said::Close { stream, code: 1000, reason: "done".to_owned() };
        assert_eq!(said[said.len() - 2..], [text(stream, 4), close]);
    });
    let endless = "(ws) => {
        ws.accept();
        ws.onerror = () => console.log('error');
        ws.onclose = (e) => console.log(e.code, ws.bufferedAmount);
        ws.onmessage = () => { const big = new Uint8Array(12 << 20); for (let i = 0; i < 9; i++) ws.send(big); };
    }";
    with_tenant(&serving(endless), |tenant| {
        let stream = tenant.get();
        tenant.message(stream, true, MessagePart::Text("go"));
        let said = tenant.said();
        assert!(said.contains(&Said::Close { stream, code: 1011, reason: String::new() }));
        let logs: Vec<_> = said
            .iter()
            .filter_map(|said| match said {
                Said::Log { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(logs[0], "error", "{said:?}");
        tenant.closed(stream, SocketEnd::Failed, 1006, "");
        assert_eq!(tenant.said(), [Said::Done { stream }]);
    });
}

fn relays() {
    let source = "export default { fetch: (request) => fetch('http://b.example/', { headers: { Upgrade: 'websocket' } }) };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        let said = tenant.said();
        let url = "http://b.example/".to_owned();
        assert_eq!(
            said,
            [Said::Connect { stream: 1, url, headers: "upgrade: websocket".to_owned() }]
        );
        tenant.connected(1, "p");
        assert_eq!(tenant.said(), [opened(stream)]);
        tenant.message(1, true, MessagePart::Text("down"));
        tenant.message(stream, true, MessagePart::Text("up"));
        assert_eq!(tenant.said(), [text(stream, 4), text(1, 2)]);
        tenant.closed(1, SocketEnd::Clean, 1000, "bye");
        let close = Said::Close { stream, code: 1000, reason: "bye".to_owned() };
        assert_eq!(tenant.said(), [close]);
        tenant.closed(stream, SocketEnd::Clean, 1000, "bye");
        assert_eq!(tenant.said(), [Said::Done { stream }]);
    });
}

fn connections() {
    let source = "export default { async fetch() {
        const ws = new WebSocket('wss://b.example/chat', ['p', 'q']);
        ws.binaryType = 'arraybuffer';
        const events = [];
        return new Promise((resolve) => {
            for (const type of ['open', 'message', 'error', 'close']) {
                ws.addEventListener(type, (e) => {
                    events.push(type, type === 'message' ? [e.data, e.origin] : type === 'close' ? [e.code, e.wasClean] : ws.readyState);
                    if (type === 'message') { ws.send('thanks'); ws.close(3000); }
                    if (type === 'close') resolve(Response.json([events, ws.protocol, ws.readyState]));
                });
            }
        });
    } };";
    let body = |said: &[Said]| {
        said.iter().find_map(|said| match said {
            Said::Response { body: crate::support::Body::Whole(text), .. } => Some(text.clone()),
            _ => None,
        })
    };
    with_tenant(source, move |tenant| {
        tenant.get();
        let headers = "sec-websocket-protocol: p, q".to_owned();
        let url = "https://b.example/chat".to_owned();
        assert_eq!(tenant.said(), [Said::Connect { stream: 1, url, headers }]);
        tenant.connected(1, "q");
        tenant.message(1, true, MessagePart::Text("hi"));
        let close = Said::Close { stream: 1, code: 3000, reason: String::new() };
        assert_eq!(tenant.said(), [text(1, 6), close]);
        tenant.closed(1, SocketEnd::Clean, 3000, "");
        let expected =
            r#"[["open",1,"message",["hi","wss://b.example"],"close",[3000,true]],"q",3]"#;
        assert_eq!(body(&tenant.said()).as_deref(), Some(expected));
    });
    with_tenant(source, move |tenant| {
        tenant.get();
        tenant.fail(1, "egress is not allowed");
        let expected = r#"[["error",3,"close",[1006,false]],"",3]"#;
        assert_eq!(body(&tenant.said()).as_deref(), Some(expected));
    });
    with_tenant(source, move |tenant| {
        tenant.get();
        tenant.connected(1, "x");
        let said = tenant.said();
        let expected = r#"[["error",3,"close",[1006,false]],"",3]"#;
        assert_eq!(body(&said).as_deref(), Some(expected), "{said:?}");
    });
}

fn ended() {
    let source = "export default { async fetch() {
        const ws = new WebSocket('ws://b.example/');
        ws.onclose = (e) => console.log(e.code);
        await new Promise((resolve) => { ws.onopen = resolve; });
        return new Response('ok');
    } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        tenant.said();
        tenant.connected(1, "");
        let said = tenant.said();
        assert!(said.contains(&Said::Abort { stream: 1 }), "{said:?}");
        assert_eq!(said.last(), Some(&Said::Done { stream }));
        tenant.run();
        tenant.message(1, true, MessagePart::Text("late"));
        assert_eq!(tenant.said(), []);
    });
}

fn opening() {
    let source = "export default { async fetch(request) {
        const { socket, response } = Deno.upgradeWebSocket(request, { protocol: 'p' });
        console.log(socket.readyState, socket.protocol, socket.binaryType);
        socket.onopen = () => { console.log('open', socket.readyState); socket.send('hello'); };
        socket.onmessage = (e) => socket.send(e.data);
        await undefined;
        return response;
    } };";
    with_tenant(source, |tenant| {
        let stream = tenant.request("GET", "http://a.localhost/socket", Incoming::None);
        let said = tenant.said();
        let logged = |n: usize, expected: &str| match &said[n] {
            Said::Log { text, .. } => assert_eq!(text, expected),
            other => panic!("{other:?}"),
        };
        logged(0, "0 p blob");
        assert_eq!(said[1], opened(stream));
        logged(2, "open 1");
        assert_eq!(said[3..], [text(stream, 5)]);
        tenant.message(stream, true, MessagePart::Text("é"));
        assert_eq!(tenant.said(), [text(stream, 2)]);
    });
    with_tenant(source, |tenant| {
        tenant.get();
        let said = tenant.said();
        assert!(matches!(&said[0], Said::Failed { message, .. } if message.contains("'upgrade'")));
    });
}

fn farewell() {
    let polite = "(ws) => { ws.accept(); globalThis.ws = ws; }";
    let source = format!(
        "addEventListener('beforeunload', (e) => e.waitUntil(Promise.resolve().then(() => ws.send('bye')))); {}",
        serving(polite)
    );
    with_tenant(&source, |tenant| {
        let stream = tenant.get();
        tenant.said();
        tenant.farewell("replaced");
        let close = Said::Close { stream, code: 1001, reason: String::new() };
        let said = tenant.said();
        assert_eq!(said[..2], [text(stream, 3), close], "{said:?}");
    });
}
