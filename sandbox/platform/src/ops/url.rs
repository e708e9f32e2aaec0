use ada_url::{Url, UrlComponents};
use insula_memory::exempt;
use insula_spidermonkey::{Args, Local, Scope, StringRef, Throw};

use super::{integer, text};

/// What an offset or port is when the URL has none.
const OMITTED: u32 = u32::MAX;

/// Characters of a form between two looks at whether the isolate may go on.
const PIECE: usize = 64 << 10;

pub(super) fn parse<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let input = text(scope, args.get(0))?;
    let base = match args.get(1) {
        base if base.is_undefined() => None,
        base => Some(text(scope, base)?),
    };
    // The parser is C++ that ends the process when it gets no memory; a byte can become three.
    scope.require_memory(4 * (input.len() + base.as_ref().map_or(0, String::len)))?;
    match exempt(|| Url::parse(&*input, base.as_deref())) {
        Ok(url) => answer(scope, &url, args.get(2)),
        Err(_) => Ok(scope.undefined()),
    }
}

pub(super) fn set<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let href = text(scope, args.get(0))?;
    let which = integer(args.get(1))?;
    let value = text(scope, args.get(2))?;
    let Ok(mut url) = exempt(|| Url::parse(&*href, None)) else { return Ok(scope.undefined()) };
    let accepted = exempt(|| match which {
        0 => url.set_href(&value).is_ok(),
        1 => url.set_protocol(&value).is_ok(),
        2 => url.set_username(Some(&value)).is_ok(),
        3 => url.set_password(Some(&value)).is_ok(),
        4 => url.set_host(Some(&value)).is_ok(),
        5 => url.set_hostname(Some(&value)).is_ok(),
        6 => url.set_port(Some(&value)).is_ok(),
        7 => url.set_pathname(Some(&value)).is_ok(),
        8 => {
            url.set_search(Some(&value));
            true
        }
        _ => {
            url.set_hash(Some(&value));
            true
        }
    });
    if accepted { answer(scope, &url, args.get(3)) } else { Ok(scope.undefined()) }
}

pub(super) fn form_decode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let list = scope.array(&[])?;
    let (mut start, mut count) = (0, 0);
    while let Some((piece, end)) = form_piece(scope, args.get(0), start)? {
        for (name, value) in form_urlencoded::parse(piece.as_bytes()) {
            for text in [name, value] {
                let mut scope = scope.nested();
                let text = scope.string(&text)?;
                scope.define_index(list, count, text)?;
                count += 1;
            }
        }
        start = end;
        scope.check_interrupt()?;
    }
    Ok(list)
}

/// Pairs of a form from `start` on, and where the next ones begin.
fn form_piece(
    scope: &mut Scope<'_>,
    form: Local<'_>,
    start: usize,
) -> Result<Option<(String, usize)>, Throw> {
    let (end, room) = scope.with_string(form, |form| {
        // A piece ends between two pairs.
        let place = match form.slice(start + PIECE, form.len()) {
            StringRef::Latin1(bytes) => memchr::memchr(b'&', bytes),
            StringRef::Utf16(units) => units.iter().position(|&unit| unit == u16::from(b'&')),
        };
        let end = place.map_or(form.len(), |place| start + PIECE + place + 1);
        (end, form.slice(start, end).utf8_room())
    })?;
    // What is decoded, and its characters, are copies of it.
    scope.require_memory(3 * room)?;
    let piece = scope.with_string(form, |form| form.slice(start, end).to_utf8())?;
    Ok((end > start).then_some((piece, end)))
}

pub(super) fn form_encode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let count = scope.array_length(args.get(0)).unwrap_or(0);
    let mut output = String::new();
    for index in (0..count.saturating_sub(1)).step_by(2) {
        let mut scope = scope.nested();
        let name = scope.get_index(args.get(0), index)?;
        let name = text(&mut scope, name)?;
        let value = scope.get_index(args.get(0), index + 1)?;
        let value = text(&mut scope, value)?;
        // To grow, it may be copied to a place of twice the size.
        scope.require_memory(
            2 * output.len() + 2 * (encoded_length(&name) + encoded_length(&value)),
        )?;
        for (separator, part) in [(if index > 0 { "&" } else { "" }, name), ("=", value)] {
            output.push_str(separator);
            for piece in part.as_bytes().chunks(PIECE) {
                output.extend(form_urlencoded::byte_serialize(piece));
                scope.check_interrupt()?;
            }
        }
    }
    scope.string(&output)
}

fn encoded_length(text: &str) -> usize {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b" *-._".contains(&byte);
    text.bytes().map(|byte| if stays(byte) { 1 } else { 3 }).sum()
}

/// The href; the offsets of its parts go to `out`, a `Uint32Array` of 8.
fn answer<'s>(scope: &mut Scope<'s>, url: &Url, out: Local<'_>) -> Result<Local<'s>, Throw> {
    let UrlComponents {
        protocol_end,
        username_end,
        host_start,
        host_end,
        port,
        pathname_start,
        search_start,
        hash_start,
    } = url.components();
    let offsets = [
        protocol_end,
        username_end,
        host_start,
        host_end,
        port.unwrap_or(OMITTED),
        pathname_start.unwrap_or(OMITTED),
        search_start.unwrap_or(OMITTED),
        hash_start.unwrap_or(OMITTED),
    ];
    scope.with_bytes_mut(out, |bytes| {
        for (place, offset) in bytes.chunks_exact_mut(4).zip(offsets) {
            place.copy_from_slice(&offset.to_ne_bytes());
        }
    })?;
    scope.string(url.href())
}
