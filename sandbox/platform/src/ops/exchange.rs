//! Responses, subrequests and the bodies of both.

use insula_spidermonkey::{Args, Local, Scope, Throw, Thrown};
use insula_wire::{
    BodyHead, ErrorReport, FailureCode, HeaderBlock, IsolateFrame, RedirectMode, caps,
};

use super::{bytes_of_string, embedder, integer, text};
use crate::host::report;

/// `respond(stream, status, statusText, block, body)`: `body` is null, `true` (it follows), its
/// length (it follows), a string or a `Uint8Array`. Answers whether a whole body went along; if not, it must follow.
pub(super) fn respond<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    if scope.is_out_of_memory() {
        // Whatever the handler made of it.
        let (code, error) = (FailureCode::MemoryLimit, ErrorReport::default());
        let embedder = embedder(scope);
        if embedder.exchange.borrow_mut().answer(stream) {
            embedder.host.send(IsolateFrame::Failed { stream, code, error });
        }
        return Ok(scope.boolean(true));
    }
    let status = match integer(args.get(1))? {
        status @ 200..=599 => status as u16,
        _ => return Err(Throw::TypeError("an error response cannot be sent to a client".into())),
    };
    let status_text = text(scope, args.get(2))?;
    let block = bytes_of_string(scope, args.get(3))?;
    let headers = header_block(&block)?;
    let embedder = embedder(scope);
    with_body(scope, args.get(4), |scope, body| {
        let follows = matches!(body, BodyHead::Stream { .. });
        if embedder.exchange.borrow_mut().answer(stream) {
            if follows {
                embedder.exchange.borrow_mut().begin_sending(stream);
            }
            let frame =
                IsolateFrame::Response { stream, status, status_text: &status_text, headers, body };
            embedder.host.send(frame);
        }
        Ok(scope.boolean(!follows))
    })
}

/// `fetch(method, url, block, body, redirect)`: starts a subrequest, answers its stream number.
pub(super) fn fetch<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let method = text(scope, args.get(0))?;
    let url = text(scope, args.get(1))?;
    let block = bytes_of_string(scope, args.get(2))?;
    let headers = header_block(&block)?;
    let redirect = RedirectMode::ALL.get(integer(args.get(4))? as usize).copied();
    let parent = parent_request(scope, "fetch")?;
    check_target(&method, &url)?;
    let embedder = embedder(scope);
    let stream =
        embedder.exchange.borrow_mut().new_subrequest(parent).ok_or_else(|| {
            Throw::RangeError("this isolate has made too many subrequests".into())
        })?;
    let sent = with_body(scope, args.get(3), |scope, body| {
        if matches!(body, BodyHead::Stream { .. }) {
            embedder.exchange.borrow_mut().begin_sending(stream);
        }
        embedder.host.send(IsolateFrame::Fetch {
            stream,
            parent,
            redirect: redirect.unwrap_or(RedirectMode::Follow),
            method: &method,
            url: &url,
            headers,
            body,
        });
        Ok(scope.number(stream.into()))
    });
    if sent.is_err() {
        embedder.exchange.borrow_mut().forget(stream);
    }
    sent
}

/// Whether the body of the subrequest on a stream did not go along with its head.
pub(super) fn body_follows<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let follows = embedder(scope).exchange.borrow().leaving.contains_key(&stream);
    Ok(scope.boolean(follows))
}

/// `sendChunk(stream, bytes, offset)`: sends as much as there is credit for; answers the offset
/// of the first byte that is not sent.
pub(super) fn send_chunk<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let mut offset = integer(args.get(2))? as usize;
    let embedder = embedder(scope);
    scope.with_bytes(args.get(1), |bytes| {
        while offset < bytes.len() {
            let rest = &bytes[offset..];
            let taken = embedder.exchange.borrow_mut().take_credit(stream, rest.len());
            if taken == 0 {
                break;
            }
            embedder.host.send(IsolateFrame::Chunk { stream, bytes: &rest[..taken] });
            offset += taken;
        }
    })?;
    Ok(scope.number(offset as f64))
}

pub(super) fn send_end<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let embedder = embedder(scope);
    if embedder.exchange.borrow_mut().leaving.remove(&stream).is_some() {
        embedder.host.send(IsolateFrame::End { stream });
    }
    Ok(scope.undefined())
}

pub(super) fn send_error<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let message = text(scope, args.get(1))?;
    let embedder = embedder(scope);
    if embedder.exchange.borrow_mut().leaving.remove(&stream).is_some() {
        embedder.host.send(IsolateFrame::Error { stream, message: &message });
    }
    Ok(scope.undefined())
}

/// `credit(stream, bytes)`: so many bytes of an arriving body are consumed.
pub(super) fn credit<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let bytes = integer(args.get(1))?;
    let embedder = embedder(scope);
    let bytes = embedder.exchange.borrow_mut().grant(stream, bytes);
    if bytes > 0 {
        embedder.host.send(IsolateFrame::Credit { stream, bytes });
    }
    Ok(scope.undefined())
}

/// The tenant has no use for a subrequest any more, or for the rest of an arriving body.
pub(super) fn abort_stream<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let embedder = embedder(scope);
    let was_open = {
        let mut exchange = embedder.exchange.borrow_mut();
        let fetching = exchange.fetching.remove(&stream);
        exchange.arrived(stream) | fetching
    };
    if was_open {
        embedder.host.send(IsolateFrame::Abort { stream });
    }
    Ok(scope.undefined())
}

/// `requestFailed(stream, code, error)`: the request ends without a response.
pub(super) fn request_failed<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let code = FailureCode::ALL.get(integer(args.get(1))? as usize).copied();
    let throw = scope.throw(args.get(2));
    let Thrown::Exception(mut info) = scope.take_exception(throw) else {
        return Err(Throw::Pending);
    };
    // Whatever the handler made of it, this is what ended the request.
    let code = if scope.is_out_of_memory() { Some(FailureCode::MemoryLimit) } else { code };
    let embedder = embedder(scope);
    if embedder.exchange.borrow_mut().answer(stream) {
        embedder.host.send(IsolateFrame::Failed {
            stream,
            code: code.unwrap_or(FailureCode::Exception),
            error: report(&mut info),
        });
    }
    Ok(scope.undefined())
}

/// `requestDone(stream)`: the request is over. Answers the numbers of the subrequests that end with it;
/// undefined if there is none.
pub(super) fn request_done<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let stream = integer(args.get(0))?;
    let children = embedder(scope).finish(stream);
    if children.is_empty() {
        return Ok(scope.undefined());
    }
    let children: Vec<_> = children.iter().map(|&child| scope.number(child.into())).collect();
    scope.array(&children)
}

/// The request that a subrequest belongs to.
pub(super) fn parent_request(scope: &Scope<'_>, what: &str) -> Result<u32, Throw> {
    match scope.context_number() {
        0 => Err(Throw::TypeError(format!(
            "{what} is only allowed while a request is handled, not at the top level of a module"
        ))),
        parent => Ok(parent),
    }
}

pub(super) fn check_target(method: &str, url: &str) -> Result<(), Throw> {
    if url.len() > caps::URL || method.len() > caps::METHOD {
        return Err(Throw::TypeError("the method or the URL is too long".into()));
    }
    Ok(())
}

/// Fetch lets more into a header value than HTTP carries: the control characters.
pub(super) fn header_block(bytes: &[u8]) -> Result<HeaderBlock<'_>, Throw> {
    let block = HeaderBlock::parse(bytes)
        .map_err(|error| Throw::TypeError(format!("header fields: {error}")))?;
    let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    let illegal = block.iter().find(|(_, value)| value.iter().any(is_control));
    match illegal {
        None => Ok(block),
        Some((name, _)) => {
            Err(Throw::TypeError(format!("the value of header {name} cannot travel over HTTP")))
        }
    }
}

/// Lets `send` see how a body argument travels.
fn with_body<'s>(
    scope: &mut Scope<'s>,
    body: Local<'_>,
    send: impl FnOnce(&mut Scope<'s>, BodyHead<'_>) -> Result<Local<'s>, Throw>,
) -> Result<Local<'s>, Throw> {
    if body.is_nullish() {
        return send(scope, BodyHead::None);
    }
    if body.as_bool() == Some(true) {
        return send(scope, BodyHead::Stream { length: None });
    }
    if let Some(length) = body.as_f64() {
        return send(scope, BodyHead::Stream { length: Some(length as u64) });
    }
    let whole = if body.is_string() {
        // A string is at most three bytes for each of its units.
        if scope.string_length(body) > caps::INLINE_BODY {
            let length = scope.with_string(body, |text| text.utf8_length())? as u64;
            return send(scope, BodyHead::Stream { length: Some(length) });
        }
        scope.with_string(body, |text| text.to_utf8())?.into_bytes()
    } else {
        let length = scope.with_bytes(body, <[u8]>::len)?;
        if length > caps::INLINE_BODY {
            return send(scope, BodyHead::Stream { length: Some(length as u64) });
        }
        scope.with_bytes(body, <[u8]>::to_vec)?
    };
    if whole.len() > caps::INLINE_BODY {
        return send(scope, BodyHead::Stream { length: Some(whole.len() as u64) });
    }
    send(scope, BodyHead::Inline(&whole))
}
