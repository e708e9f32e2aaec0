use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;

use insula_wire::{BodyHead, Frame as _, HeaderBlock, IsolateFrame};

use crate::{calls, control};

/// Carries a plan out, line by line:
///
/// - `send TIMES HEX`: bytes on the link;
/// - `control TIMES HEX`: packets on the control link;
/// - `error TIMES HEX`: bytes on standard error;
/// - `call NAME`: a system call, whose result answers stream 2;
/// - `stall`: neither read nor speak any more, and stay;
/// - `close`: end the link.
pub fn carry_out(plan: &str, socket: &mut UnixStream) -> io::Result<()> {
    for line in plan.lines() {
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        let first = words.next().unwrap_or_default();
        let bytes = bytes(words.next().unwrap_or_default());
        let times = 0..first.parse().unwrap_or(1_u32);
        match what {
            "send" => send(socket, &bytes, times.end)?,
            "control" => times.for_each(|_| control::send(&bytes)),
            "error" => times.for_each(|_| drop(io::stderr().write_all(&bytes))),
            "call" => answer(socket, &calls::attempt(first))?,
            "stall" => loop {
                std::thread::park();
            },
            _ => return Err(io::ErrorKind::Other.into()),
        }
    }
    Ok(())
}

/// Many times in few writes.
fn send(socket: &mut UnixStream, bytes: &[u8], times: u32) -> io::Result<()> {
    let at_once =
        u32::try_from((64 << 10) / bytes.len().max(1)).unwrap_or(1).clamp(1, times.max(1));
    let batch = bytes.repeat(at_once as usize);
    for _ in 0..times / at_once {
        socket.write_all(&batch)?;
    }
    socket.write_all(&bytes.repeat((times % at_once) as usize))
}

fn answer(socket: &mut UnixStream, text: &str) -> io::Result<()> {
    let (stream, status, status_text) = (2, 200, "");
    let (headers, body) = (HeaderBlock::default(), BodyHead::Inline(text.as_bytes()));
    let mut out = Vec::new();
    IsolateFrame::Response { stream, status, status_text, headers, body }.encode(&mut out);
    IsolateFrame::Done { stream, cpu_us: 1 }.encode(&mut out);
    socket.write_all(&out)
}

/// The bytes that two hexadecimal digits each stand for. `HEX*COUNT` after a `+` is the first byte of
/// `HEX`, many times.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut all = Vec::new();
    for part in text.split('+') {
        match part.split_once('*') {
            Some((byte, count)) => {
                let byte = digits(byte).first().copied().unwrap_or_default();
                all.resize(all.len() + count.parse().unwrap_or(0), byte);
            }
            None => all.extend(digits(part)),
        }
    }
    all
}

fn digits(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
