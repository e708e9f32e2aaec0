//! MessageChannel and BroadcastChannel.

use insula_platform::Incoming;

use crate::support::{Row, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("channels", channels),
    ("broadcasts", broadcasts),
    ("a_message_is_delivered_for_the_request_that_sent_it", charged),
    ("a_message_under_way_is_worth_waiting_for", waiting),
];

fn channels() {
    check_rows(CHANNELS);
}

fn broadcasts() {
    check_rows(BROADCASTS);
}

const CHANNELS: &[Row<'_>] = &[
    (
        "messages are clones, in order, each in a task of its own",
        "const { port1, port2 } = new MessageChannel(), seen = []; const sent = { n: 1 };
        port1.postMessage(sent); port1.postMessage(2); sent.n = 9;
        await new Promise((r) => { port2.onmessage = (e) => { seen.push(e.data, e.isTrusted, e.ports.length, e.source, e.origin); queueMicrotask(() => seen.push('micro')); if (e.data === 2) setTimeout(r); }; });
        return seen;",
        r#"[{"n":1},true,0,null,"","micro",2,true,0,null,"","micro"]"#,
    ),
    (
        "a port waits to be started; onmessage does it, a listener does not",
        "const { port1, port2 } = new MessageChannel(), seen = []; port1.postMessage('a'); port2.addEventListener('message', (e) => seen.push(e.data)); await new Promise((r) => setTimeout(r, 5)); const before = seen.length; port2.start(); await new Promise((r) => setTimeout(r, 5)); return [before, seen];",
        r#"[0,["a"]]"#,
    ),
    (
        "ports travel, with what waits in them",
        "const a = new MessageChannel(), b = new MessageChannel(); b.port1.postMessage('early'); a.port1.postMessage({ port: b.port2 }, [b.port2]); b.port1.postMessage('late');
        const e = await new Promise((r) => { a.port2.onmessage = r; }); const seen = []; await new Promise((r) => { e.data.port.onmessage = (m) => { seen.push(m.data); if (m.data === 'late') r(); }; });
        const back = new Promise((r) => { b.port1.onmessage = (m) => r(m.data); }); e.ports[0].postMessage('back'); b.port2.postMessage('nobody');
        return [seen, await back, e.ports[0] === e.data.port, e.ports.length, Object.isFrozen(e.ports)];",
        r#"[["early","late"],"back",true,1,true]"#,
    ),
    (
        "closing ends it for both, after what was sent",
        "const { port1, port2 } = new MessageChannel(), seen = []; port2.onmessage = (e) => seen.push(e.data); const closed = new Promise((r) => { port2.onclose = () => r(); }); port1.postMessage(1); port1.close(); port1.postMessage(2); port2.postMessage(3); await closed; return seen;",
        "[1]",
    ),
    (
        "what cannot be sent",
        "const { port1, port2 } = new MessageChannel(); const gone = new MessageChannel().port1; structuredClone(gone, { transfer: [gone] });
        return [await failure(() => port1.postMessage(() => {})), await failure(() => port1.postMessage(1, [port1])), await failure(() => port1.postMessage(port2)), await failure(() => port1.postMessage(1, [gone])), await failure(() => port1.postMessage(1, [port2, port2])), await failure(() => port1.postMessage()), await failure(() => new MessagePort()), await failure(() => port1.postMessage(1, [1])), await failure(() => port1.postMessage(1, { transfer: [port2] })), port2.onmessage];",
        r#"["DataCloneError","DataCloneError","DataCloneError","DataCloneError","DataCloneError","TypeError","TypeError","TypeError","nothing",null]"#,
    ),
    (
        "the event",
        "const { port1 } = new MessageChannel(); const e = new MessageEvent('x', { data: 1, origin: 'o', lastEventId: 'i', source: port1, ports: [port1] }); const got = [e.data, e.origin, e.lastEventId, e.source === port1, e.ports[0] === port1, e.ports === e.ports, e.isTrusted];
        e.initMessageEvent('y', true, true, 2); return [...got, e.type, e.data, e.source, e.ports.length, await failure(() => new MessageEvent('x', { source: {} })), await failure(() => new MessageEvent('x', { ports: [{}] }))];",
        r#"[1,"o","i",true,true,true,false,"y",2,null,0,"TypeError","TypeError"]"#,
    ),
];

const BROADCASTS: &[Row<'_>] = &[
    (
        "all others of the name hear it",
        "const [a, b, c, other] = ['n', 'n', 'n', 'm'].map((name) => new BroadcastChannel(name)), seen = []; for (const x of [a, b, c, other]) x.onmessage = (e) => seen.push(x === a ? 'a' : x === b ? 'b' : 'c', e.data, e.data === sent);
        const sent = { n: 1 }; a.postMessage(sent); sent.n = 2; await new Promise((r) => setTimeout(r, 5)); return [a.name, ...seen];",
        r#"["n","b",{"n":1},false,"c",{"n":1},false]"#,
    ),
    (
        "closed ones neither send nor hear",
        "const [a, b] = [1, 2].map(() => new BroadcastChannel('k')), seen = []; b.onmessage = (e) => seen.push(e.data); a.postMessage(1); b.close(); b.close(); await new Promise((r) => setTimeout(r, 5)); return [seen, await failure(() => b.postMessage(1)), await failure(() => a.postMessage(Symbol())), await failure(() => new BroadcastChannel())];",
        r#"[[],"InvalidStateError","DataCloneError","TypeError"]"#,
    ),
];

fn charged() {
    let source = "const { port1, port2 } = new MessageChannel();
        const channel = new BroadcastChannel('x'), listener = new BroadcastChannel('x');
        listener.onmessage = port2.onmessage = (e) => console.log(e.data);
        export default { async fetch(request) {
            port1.postMessage(request.url);
            channel.postMessage(request.url);
            await new Promise((r) => setImmediate(r));
            return new Response(null);
        } };";
    with_tenant(source, |tenant| {
        for name in ["a", "b"] {
            tenant.request("GET", &format!("http://{name}/"), Incoming::None);
        }
        tenant.run();
        let expected = [(2, "http://a/"), (2, "http://a/"), (4, "http://b/"), (4, "http://b/")];
        assert_eq!(tenant.logged(), expected.map(|(stream, text)| (stream, text.to_owned())));
    });
}

fn waiting() {
    let source = "export default { fetch() {
        const { port1, port2 } = new MessageChannel();
        port1.postMessage('hello');
        return new Promise((r) => { port2.onmessage = (e) => r(new Response(e.data)); });
    } };";
    with_tenant(source, |tenant| {
        tenant.get();
        tenant.run();
        let said = tenant.said();
        assert!(format!("{said:?}").contains("hello"), "{said:?}");
    });
}
