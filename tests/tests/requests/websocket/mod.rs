//! WebSockets: real clients, a real server.

mod clients;
mod closing;
mod crowd;
mod evil;
mod flow;
mod http2;
mod lifecycle;
mod messages;

use futures_util::{SinkExt as _, StreamExt as _};
use http::Request;
use insula_tests::{App, Options, Server, host, within};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::client::{Response, generate_key};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Accepts, and does `serve` to what it has accepted.
fn serving(serve: &str) -> App {
    App::module(&format!(
        "const serve = {serve};
        export default {{ async fetch(request, env, ctx) {{
            const url = new URL(request.url);
            if (request.headers.get('upgrade') !== 'websocket') return new Response('no upgrade: ' + url.pathname);
            const [client, server] = Object.values(new WebSocketPair());
            server.accept();
            const headers = await serve(server, request, env, ctx) ?? {{}};
            return new Response(null, {{ status: 101, webSocket: client, headers }});
        }} }};"
    ))
}

const ECHO: &str = "(ws) => { ws.onmessage = (e) => ws.send(e.data); }";

/// A server whose tenant `alice` does `serve` to each WebSocket.
async fn server(serve: &str) -> Server {
    // Builds for development are slow.
    server_with(serve, "[limits]\ncpu_ms = 5000\n").await
}

async fn server_with(serve: &str, config: &str) -> Server {
    let server = Server::with(Options::config(config)).await;
    server.deploy("alice", &serving(serve)).await;
    server
}

/// A client's end.
struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn open(server: &Server, path: &str) -> Self {
        Self::try_open(server, path, &[]).await.expect("a WebSocket").0
    }

    /// With further header fields; the response is what the server has answered.
    async fn try_open(
        server: &Server,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(Self, Response), Box<Error>> {
        let stream = within("a connection", TcpStream::connect(server.listen())).await;
        let mut request = Request::get(format!("ws://{}{path}", host("alice")))
            .header("host", host("alice"))
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", generate_key());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("a request");
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let opening =
            client_async_with_config(request, stream.expect("a connection"), Some(config));
        let (stream, response) = within("the handshake", opening).await.map_err(Box::new)?;
        Ok((Self(stream), response))
    }

    async fn send(&mut self, message: impl Into<Message>) {
        within("a message to go", self.0.send(message.into())).await.expect("it goes");
    }

    /// The next message, pings and pongs aside; `None` at the end of the connection.
    async fn next(&mut self) -> Option<Message> {
        loop {
            match within("a message", self.0.next()).await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Some(message),
                Some(Err(_)) | None => return None,
            }
        }
    }

    async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.as_str().to_owned(),
            other => panic!("no text: {other:?}"),
        }
    }

    /// The code and reason that the server closes with.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Some(Message::Close(None)) => return (1005, String::new()),
                Some(Message::Close(Some(CloseFrame { code, reason }))) => {
                    // Answers it.
                    while self.next().await.is_some() {}
                    return (code.into(), reason.as_str().to_owned());
                }
                Some(_) => {}
                None => panic!("the connection ended without a close frame"),
            }
        }
    }

    async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        within("a goodbye", self.0.close(Some(frame))).await.expect("it goes");
    }
}
