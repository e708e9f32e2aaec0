//! WebSockets: opened, sent on and closed. What arrives on them comes through `dispatch.rs`.

use insula_spidermonkey::{Args, Local, Scope, Throw};
use insula_wire::{BodyHead, IsolateFrame, MessagePart, NO_CLOSE_CODE, caps, is_close_code};

use crate::dispatch::SWITCHING_PROTOCOLS;

use super::exchange::{check_target, header_block, parent_request};
use super::{bytes_of_string, embedder, integer, text};

/// A part of a message that is not the last one has at least so many bytes: what little credit is
/// left is better spent when there is more.
const LEAST: usize = 4 << 10;

/// `connect(url, block)`: asks for a WebSocket, answers the stream number of the subrequest.
pub(super) fn connect<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let url = text(scope, args.get(0))?;
    let block = bytes_of_string(scope, args.get(1))?;
    let headers = header_block(&block)?;
    let parent = parent_request(scope, "a WebSocket")?;
    check_target("GET", &url)?;
    let embedder = embedder(scope);
    let stream = embedder.exchange.borrow_mut().new_subrequest(parent);
    let stream = stream
        .ok_or_else(|| Throw::RangeError("this isolate has made too many subrequests".into()))?;
    embedder.host.send(IsolateFrame::Connect { stream, parent, url: &url, headers });
    Ok(scope.number(stream.into()))
}

/// `respondSocket(stream, statusText, block)`: the answer to the request is a WebSocket.
pub(super) fn respond<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let status_text = text(scope, args.get(1))?;
    let block = bytes_of_string(scope, args.get(2))?;
    let headers = header_block(&block)?;
    let embedder = embedder(scope);
    if embedder.exchange.borrow_mut().answer(stream) {
        embedder.exchange.borrow_mut().open_socket(stream);
        embedder.host.send(IsolateFrame::Response {
            stream,
            status: SWITCHING_PROTOCOLS,
            status_text: &status_text,
            headers,
            body: BodyHead::None,
        });
    }
    Ok(scope.undefined())
}

/// `socketSend(stream, binary, bytes, offset)`: sends as much of a message as there is credit for;
/// answers the offset of the first byte that is not sent, or -1 if nothing was.
pub(super) fn send<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let binary = args.get(1).as_bool() == Some(true);
    let offset = integer(args.get(3))? as usize;
    let embedder = embedder(scope);
    let sent = scope.with_bytes(args.get(2), |bytes| {
        let mut at = offset.min(bytes.len());
        let mut sent = false;
        while at < bytes.len() || !sent {
            let rest = &bytes[at..];
            let credit = embedder.exchange.borrow().credit(stream);
            let Some(length) = part_length(rest, binary, credit) else { break };
            let (taken, last) = (&rest[..length], at + length == bytes.len());
            let part = match binary {
                true => MessagePart::Binary(taken),
                false => MessagePart::Text(core::str::from_utf8(taken).map_err(|_| not_utf8())?),
            };
            embedder.exchange.borrow_mut().spend(stream, part.cost());
            embedder.host.send(IsolateFrame::Message { stream, last, part });
            at += length;
            sent = true;
        }
        Ok::<_, Throw>(sent.then_some(at))
    })??;
    Ok(scope.number(sent.map_or(-1.0, |at| at as f64)))
}

/// How many bytes of `rest` make the next part, if there is credit for one.
fn part_length(rest: &[u8], binary: bool, credit: u32) -> Option<usize> {
    let room = credit.checked_sub(caps::PART_OVERHEAD)? as usize;
    let mut length = rest.len().min(room).min(caps::CHUNK);
    if length < rest.len() {
        // Each part of a text is UTF-8 by itself: it ends where a character begins.
        while !binary && length > 0 && rest[length] & 0xC0 == 0x80 {
            length -= 1;
        }
        if length < LEAST {
            return None;
        }
    }
    Some(length)
}

/// `socketClose(stream, code, reason)`: 1005 for no code.
pub(super) fn close<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let code = u16::try_from(integer(args.get(1))?).unwrap_or(NO_CLOSE_CODE);
    let code = if is_close_code(code) { code } else { NO_CLOSE_CODE };
    let reason = text(scope, args.get(2))?;
    let embedder = embedder(scope);
    if embedder.exchange.borrow_mut().leaving.remove(&stream).is_some() {
        embedder.host.send(IsolateFrame::Close { stream, code, reason: &reason });
    }
    Ok(scope.undefined())
}

/// `socketEnd(stream)`: the tenant has no use for a WebSocket any more.
pub(super) fn end<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let embedder = embedder(scope);
    let was_open = {
        let mut exchange = embedder.exchange.borrow_mut();
        let was_open = exchange.is_arriving(stream);
        exchange.forget(stream);
        was_open
    };
    if was_open {
        embedder.host.send(IsolateFrame::Abort { stream });
    }
    Ok(scope.undefined())
}

/// `parentOf(stream)`: the request that a subrequest belongs to; 0 when that is over.
pub(super) fn parent_of<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let parent = embedder(scope).exchange.borrow().parent_of(stream);
    Ok(scope.number(parent.into()))
}

/// `turn()`: a number that is the same until all promise jobs of what has just arrived have run.
pub(super) fn turn<'s>(scope: &mut Scope<'s>, _args: Args<'s>) -> Result<Local<'s>, Throw> {
    let turn = embedder(scope).turn.get();
    Ok(scope.number(turn as f64))
}

fn not_utf8() -> Throw {
    Throw::TypeError("a text message is not UTF-8".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_texts_end_between_characters() {
        let text = "é".repeat(caps::CHUNK);
        let credit = caps::INITIAL_CREDIT;
        let rest = &text.as_bytes()[1..];
        assert_eq!(part_length(rest, true, credit), Some(caps::CHUNK));
        assert_eq!(part_length(rest, false, credit), Some(caps::CHUNK - 1));
        assert_eq!(part_length(&[0x80; 8 << 10], false, 5 << 10), None);
    }

    #[test]
    fn little_credit_is_kept() {
        let most = |credit, length| part_length(&vec![0; length], true, credit);
        assert_eq!(most(caps::PART_OVERHEAD - 1, 0), None);
        assert_eq!(most(caps::PART_OVERHEAD, 0), Some(0));
        assert_eq!(most(caps::PART_OVERHEAD + 10, 10), Some(10));
        assert_eq!(most(caps::PART_OVERHEAD + 10, 11), None);
    }
}
