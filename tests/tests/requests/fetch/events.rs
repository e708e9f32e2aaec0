//! Server-sent events, both ways.

use insula_tests::{App, Connection, Server, get};

use super::fetching;

const SOURCE: &str = "async (request, env) => {
    const source = new EventSource(env.ORIGIN + '/events'), seen = [];
    await new Promise((done) => {
        source.onopen = () => seen.push('open');
        source.onerror = () => seen.push('error ' + source.readyState);
        source.addEventListener('two', (e) => seen.push('two ' + e.data + ' ' + e.lastEventId));
        source.onmessage = (e) => { seen.push(e.data + ' ' + (e.origin === env.ORIGIN)); if (e.data === 'again') done(); };
    });
    source.close();
    return Response.json([...seen, source.readyState]);
}";

#[tokio::test]
async fn a_tenant_follows_events_and_goes_on_where_they_broke_off() {
    let (server, _origin) = fetching(SOURCE).await;
    let answer = server.get("alice", "/").await;
    let expected = r#"["open","one true","two 2 1","error 0","open","again true",2]"#;
    assert_eq!(answer.text(), expected);
}

const SENDER: &str = "async () => {
    const encoder = new TextEncoder();
    let count = 0;
    const body = new ReadableStream({
        async pull(controller) {
            if (count > 0) await scheduler.wait(300);
            controller.enqueue(encoder.encode(`id: ${++count}\ndata: event\n\n`));
            if (count === 3) controller.close();
        },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}";

#[tokio::test]
async fn events_that_a_tenant_sends_arrive_one_by_one() {
    let server = Server::start().await;
    server.deploy("alice", &App::handler(SENDER)).await;
    let mut connection = Connection::http1(server.listen()).await;
    let mut exchange = connection.open(get("alice", "/")).await;
    assert_eq!(exchange.headers["content-type"], "text/event-stream");
    for id in 1..=3 {
        let piece = exchange.piece().await.expect("an event");
        assert_eq!(piece, format!("id: {id}\ndata: event\n\n"));
    }
    assert_eq!(exchange.piece().await, None);
}
