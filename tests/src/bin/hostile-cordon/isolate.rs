//! An isolate without an engine, which answers as the attack suite's victim does.

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;

use insula_wire::{
    BodyHead, Decoder, Exports, Frame as _, HeaderBlockBuilder, HostFrame, IsolateFrame, VERSION,
};
use serde_json::{Value, json};

use crate::plan;

#[derive(Default)]
struct Tenant {
    variables: HashMap<String, String>,
    visits: u64,
    kept: Option<String>,
}

/// Serves one tenant until the link ends. `blank` replaces its greeting.
pub fn serve(mut socket: UnixStream, blank: Option<Vec<u8>>) -> io::Result<()> {
    let mut out = Vec::new();
    match blank {
        Some(bytes) => out.extend(bytes),
        None => IsolateFrame::Hello { version: VERSION }.encode(&mut out),
    }
    let mut decoder = Decoder::for_isolate();
    let mut tenant = Tenant::default();
    loop {
        let mut due = None;
        while let Some(frame) = decoder.next::<HostFrame<'_>>().map_err(io::Error::other)? {
            match frame {
                HostFrame::Variable { name, value } => {
                    tenant.variables.insert(name.to_owned(), value.to_owned());
                }
                HostFrame::Start => match tenant.variables.get("PLAN_AT_START") {
                    Some(plan) => due = Some(plan.clone()),
                    None => ready(&mut out),
                },
                HostFrame::Request { url, .. } if url.ends_with("/attack") => {
                    due = tenant.variables.get("PLAN").cloned();
                }
                HostFrame::Request { stream, url, body, .. } => {
                    tenant.answer(stream, url, body, &mut out);
                }
                HostFrame::Shutdown { .. } => return Ok(()),
                _ => {}
            }
        }
        socket.write_all(&out)?;
        out.clear();
        if let Some(plan) = due {
            plan::carry_out(&plan, &mut socket)?;
        }
        match read_patiently(&mut socket, &mut decoder)? {
            0 => return Ok(()),
            length => decoder.filled(length),
        }
    }
}

fn ready(out: &mut Vec<u8>) {
    let exports = Exports { fetch: true, scheduled: false };
    IsolateFrame::Ready { cpu_us: 0, exports }.encode(out);
}

impl Tenant {
    fn answer(&mut self, stream: u32, url: &str, body: BodyHead<'_>, out: &mut Vec<u8>) {
        let text = match body {
            BodyHead::Inline(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        self.visits += 1;
        let variable =
            |name: &str| self.variables.get(name).cloned().map_or(Value::Null, Value::from);
        // What follows the third slash.
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let said = json!({
            "visits": self.visits,
            "secret": variable("SECRET"),
            "variable": variable("VARIABLE"),
            "treasure": variable("GLOBAL"),
            "before": self.kept,
            "kept": text,
            "path": format!("/{path}"),
            "works": true,
        });
        let mut headers = HeaderBlockBuilder::default();
        if let Some(answer) = self.variables.get("ANSWER") {
            // A variable that is no header value is not sent.
            let _ = headers.push("x-answer", answer.as_bytes());
        }
        self.kept = Some(text);
        let (status, status_text, headers) = (200, "", headers.block());
        let said = said.to_string();
        let body = BodyHead::Inline(said.as_bytes());
        IsolateFrame::Response { stream, status, status_text, headers, body }.encode(out);
        IsolateFrame::Done { stream, cpu_us: 1 }.encode(out);
    }
}

/// The host has given the socket a time after which an isolate may notice that it has nothing to do.
fn read_patiently(socket: &mut UnixStream, decoder: &mut Decoder) -> io::Result<usize> {
    loop {
        match socket.read(decoder.spare()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return result,
        }
    }
}
