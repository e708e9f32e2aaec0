use tokio_tungstenite::tungstenite::Message;

use super::{Client, server};

const TELLING: &str = "(ws, request) => {
    ws.onerror = () => console.log('error');
    ws.onclose = (e) => console.log('closed', e.code, e.reason, e.wasClean, ws.readyState);
    ws.onmessage = (e) => { const [code, reason] = JSON.parse(e.data); ws.close(code, reason); };
}";

#[tokio::test]
async fn by_the_client() {
    let server = server(TELLING).await;
    let mut tail = server.tail("alice");
    for (code, reason) in [(1000, "done"), (4321, "")] {
        let mut client = Client::open(&server, "/").await;
        client.close(code, reason).await;
        assert_eq!(client.closed().await.0, code);
        tail.wait_for_text(&format!("closed {code} {reason} true 3")).await;
    }
    let mut client = Client::open(&server, "/none").await;
    client.send(Message::Close(None)).await;
    assert_eq!(client.closed().await.0, 1005);
    tail.wait_for_text("closed 1005  true 3").await;
    assert_eq!(tail.outcome("/none").await["status"], 101);
}

#[tokio::test]
async fn by_the_tenant() {
    let server = server(TELLING).await;
    let mut tail = server.tail("alice");
    for (code, reason) in [(1000, "bye"), (3000, ""), (1011, "é")] {
        let mut client = Client::open(&server, "/").await;
        client.send(format!("[{code},{reason:?}]")).await;
        assert_eq!(client.closed().await, (code, reason.to_owned()));
        tail.wait_for_text(&format!("closed {code}")).await;
    }
    let mut client = Client::open(&server, "/").await;
    client.send("[]").await;
    assert_eq!(client.closed().await, (1005, String::new()));
}

#[tokio::test]
async fn by_a_client_that_just_goes() {
    let server = server(TELLING).await;
    let mut tail = server.tail("alice");
    drop(Client::open(&server, "/").await);
    tail.wait_for_text("closed 1006  false 3").await;
}
