use insula_tests::{App, Server};

/// Opens a channel that keeps what it hears, posts to it, and tells what it has heard.
const CHANNEL: &str = "
const heard = [];
const channel = new BroadcastChannel('town-square');
channel.onmessage = ({ data }) => heard.push(data);
export default {
  async fetch(request) {
    const said = new URL(request.url).pathname;
    const speaker = new BroadcastChannel('town-square');
    speaker.postMessage(said);
    while (heard.at(-1) !== said) await new Promise((resolve) => setTimeout(resolve, 1));
    speaker.close();
    return Response.json(heard);
  },
};";

#[tokio::test]
async fn a_broadcast_stays_in_its_isolate() {
    let server = Server::start().await;
    for tenant in ["alice", "bob"] {
        server.deploy(tenant, &App::module(CHANNEL)).await;
    }
    server.get("alice", "/a1").await.assert_ok(r#"["/a1"]"#);
    server.get("bob", "/b1").await.assert_ok(r#"["/b1"]"#);
    server.get("alice", "/a2").await.assert_ok(r#"["/a1","/a2"]"#);
    server.get("bob", "/b2").await.assert_ok(r#"["/b1","/b2"]"#);
}
