//! A plan for the hostile cordon, carried out, and what must come of it.

use http::Request;
use insula_tests::{Answer, App, Run, eventually, get, host, whole};
use insula_wire::Frame as _;

pub use crate::driver::Scene;
pub use insula_wire::{
    BodyHead, BootFailure, ErrorReport, Exports, HeaderBlock, IsolateFrame, LogLevel, MessagePart,
    RedirectMode,
};

/// Kind bytes of frames that are written by hand.
pub const RESPONSE: u8 = 4;
pub const DONE: u8 = 6;
pub const LOG: u8 = 7;
pub const MESSAGE: u8 = 37;
pub const CLOSE: u8 = 38;

/// Bytes by which the host may have grown after an attack.
pub const GROWTH: u64 = 128 << 20;

/// What a tenant's isolate will do on the request for `/attack`.
pub struct Forgery {
    tenant: String,
    plan: String,
}

impl Forgery {
    pub fn new(name: &str) -> Self {
        Self { tenant: name.replace('_', "-"), plan: String::new() }
    }

    /// A line of the plan.
    pub fn line(mut self, line: &str) -> Self {
        self.plan.push_str(line);
        self.plan.push('\n');
        self
    }

    /// Bytes, many times.
    pub fn bytes(self, times: u32, bytes: &[u8]) -> Self {
        self.line(&format!("send {times} {}", hex(bytes)))
    }

    pub fn frame(self, frame: IsolateFrame<'_>) -> Self {
        self.frames(1, frame)
    }

    pub fn frames(self, times: u32, frame: IsolateFrame<'_>) -> Self {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        self.bytes(times, &bytes)
    }

    /// A response to the first request with this status and header block, legal or not.
    pub fn response(self, status: u16, headers: &[u8]) -> Self {
        let mut payload = status.to_le_bytes().to_vec();
        payload.extend(0_u32.to_le_bytes());
        payload.extend(u32::try_from(headers.len()).expect("a short block").to_le_bytes());
        payload.extend(headers);
        payload.extend(b"\x01body");
        let length = u32::try_from(payload.len()).expect("a short frame");
        self.bytes(1, &[&header(length, 2, RESPONSE)[..], &payload].concat())
    }

    /// The end of the first request.
    pub fn done(self) -> Self {
        self.frame(IsolateFrame::Done { stream: 2, cpu_us: 1 })
    }

    /// Deploys it into a cordon of its own.
    pub async fn deploy(&self, scene: &Scene, args: &[&str]) {
        self.try_deploy(scene, "PLAN", args).await.succeeded();
    }

    async fn try_deploy(&self, scene: &Scene, variable: &str, args: &[&str]) -> Run {
        let app = App::module("export default {};");
        let plan = format!("{variable}={}", self.plan);
        let own = ["--wall", "process", "--wall-ms", "10000", "--var", &plan];
        let args =
            if args.is_empty() { own.to_vec() } else { [&own[..2], &own[4..], args].concat() };
        scene.server.try_deploy(&self.tenant, &app, &args).await
    }

    /// Has it carried out, and returns what the client got. The tenant is served again after it,
    /// and the host has not grown.
    pub async fn carried_out(&self, scene: &Scene) -> Result<Answer, String> {
        self.deploy(scene, &[]).await;
        let before = scene.server.process().resident_bytes();
        // Larger than what may be sent without credit.
        let request = Request::post("/attack").header("host", host(&self.tenant));
        let request = request.body(whole(vec![b'x'; 1 << 20])).expect("a request");
        let answer = scene.server.connect().await.try_send(request).await;
        if let Ok(Answer { body, .. }) = &answer {
            assert_eq!(scene.canaries.found_in(body), None, "in what the client got: {answer:?}");
        }
        eventually("the tenant to be served again", async || {
            let answer = scene.server.connect().await.try_send(get(&self.tenant, "/")).await;
            answer.is_ok_and(|answer| answer.status == 200).then_some(())
        })
        .await;
        let after = scene.server.process().resident_bytes();
        let grown = after.saturating_sub(before);
        assert!(grown < GROWTH, "the host grew by {grown} bytes");
        assert!(scene.delete(&self.tenant).await.status < 300);
        answer
    }

    /// Has it carried out: the host must end the conversation and log why.
    pub async fn ends_the_link(&self, scene: &Scene, told: &str) {
        let log = scene.server.log().len();
        match self.carried_out(scene).await {
            // The head was out before.
            Err(_) => {}
            Ok(answer) if answer.status == 200 => {
                // The breach came after a whole answer, which was the first request's own.
                assert!(["", "body"].contains(&answer.text()), "{answer:?}");
            }
            Ok(answer) => answer.assert_error(502, "cordon-crashed"),
        }
        is_told(scene, log, told).await;
    }

    /// Has it carried out on a request for a WebSocket: the host must end the conversation and log why, and has not
    /// grown.
    pub async fn ends_the_websocket(&self, scene: &Scene, told: &str) {
        self.deploy(scene, &[]).await;
        let log = scene.server.log().len();
        let before = scene.server.process().resident_bytes();
        let mut client = scene.server.raw().await;
        client
            .send(format!(
                "GET /attack HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                host(&self.tenant)
            ))
            .await;
        is_told(scene, log, told).await;
        let got = client.rest_bytes().await;
        assert_eq!(scene.canaries.found_in(&got), None, "in what the client got");
        let grown = scene.server.process().resident_bytes().saturating_sub(before);
        assert!(grown < GROWTH, "the host grew by {grown} bytes");
        eventually("the tenant to be served again", async || {
            let answer = scene.server.connect().await.try_send(get(&self.tenant, "/")).await;
            answer.is_ok_and(|answer| answer.status == 200).then_some(())
        })
        .await;
        assert!(scene.delete(&self.tenant).await.status < 300);
    }

    /// Has it carried out in the place of a start, which must fail; returns what the author is
    /// told.
    pub async fn fails_the_deploy(&self, scene: &Scene, told: &str) -> String {
        let log = scene.server.log().len();
        let said = self.try_deploy(scene, "PLAN_AT_START", &[]).await.failed(1);
        assert_eq!(scene.canaries.found_in(said.as_bytes()), None, "{said}");
        is_told(scene, log, told).await;
        said
    }
}

/// Waits until the host's log says `told` after its first `from` bytes.
pub async fn is_told(scene: &Scene, from: usize, told: &str) {
    eventually(told, async || scene.server.log()[from..].contains(told).then_some(())).await;
}

/// A whole answer.
pub fn response(stream: u32) -> IsolateFrame<'static> {
    let (status, status_text) = (200, "");
    let (headers, body) = (HeaderBlock::default(), BodyHead::Inline(b"body"));
    IsolateFrame::Response { stream, status, status_text, headers, body }
}

/// The head of an answer whose body follows.
pub fn streamed(stream: u32) -> IsolateFrame<'static> {
    let (status, status_text) = (200, "");
    let (headers, body) = (HeaderBlock::default(), BodyHead::Stream { length: None });
    IsolateFrame::Response { stream, status, status_text, headers, body }
}

/// The answer that makes a WebSocket of a request.
pub fn switching(stream: u32) -> IsolateFrame<'static> {
    let (headers, body) = (HeaderBlock::default(), BodyHead::None);
    IsolateFrame::Response { stream, status: 101, status_text: "", headers, body }
}

/// A short message, or a part of one.
pub fn message(stream: u32, last: bool) -> IsolateFrame<'static> {
    IsolateFrame::Message { stream, last, part: MessagePart::Text("x") }
}

pub fn connect(stream: u32, parent: u32, url: &str) -> IsolateFrame<'_> {
    IsolateFrame::Connect { stream, parent, url, headers: HeaderBlock::default() }
}

pub fn fetch(stream: u32, parent: u32, url: &str) -> IsolateFrame<'_> {
    let (redirect, method) = (RedirectMode::Follow, "GET");
    let (headers, body) = (HeaderBlock::default(), BodyHead::None);
    IsolateFrame::Fetch { stream, parent, redirect, method, url, headers, body }
}

/// A frame's header, as it stands on the wire.
pub fn header(length: u32, stream: u32, kind: u8) -> [u8; 12] {
    let mut header = [0; 12];
    header[..4].copy_from_slice(&length.to_le_bytes());
    header[4..8].copy_from_slice(&stream.to_le_bytes());
    header[8] = kind;
    header
}

/// As the hostile cordon reads it: a long run of one byte takes little room.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        match run.len() {
            64.. => text += &format!("+{:02x}*{}+", run[0], run.len()),
            _ => run.iter().for_each(|byte| text += &format!("{byte:02x}")),
        }
    }
    text
}
