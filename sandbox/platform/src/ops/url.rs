use ada_url::{Url, UrlComponents};
use insula_memory::exempt;
use insula_spidermonkey::{Args, Local, Scope, StringRef, Throw};

use super::{integer, text};

/// What an offset or port is when the URL has none.
const OMITTED: u32 = u32::MAX;

/// Strings of a form that become an array at once.
const AT_ONCE: usize = 128;

/// Characters of a form between two looks at whether the isolate may go on.
const PIECE: usize = 64 << 10;

pub(super) fn parse<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let base = match args.get(1) {
        base if base.is_undefined() => None,
        base => Some(text(scope, base)?),
    };
    let base = base.as_deref();
    // The parser is C++ that ends the process when it gets no memory; a byte can become three.
    let room = |input: usize| 4 * (input + base.map_or(0, str::len));
    scope.require_memory(room(scope.string_length(args.get(0))))?;
    // Nearly all are ASCII, which need not be copied to be UTF-8.
    let parsed = scope.with_string(args.get(0), |input| match input {
        StringRef::Latin1(bytes) if bytes.is_ascii() => {
            let input = std::str::from_utf8(bytes).ok()?;
            Some(exempt(|| Url::parse(input, base).ok()))
        }
        _ => None,
    })?;
    let parsed = match parsed {
        Some(parsed) => parsed,
        None => {
            let input = text(scope, args.get(0))?;
            scope.require_memory(room(input.len()))?;
            exempt(|| Url::parse(&*input, base).ok())
        }
    };
    match parsed {
        Some(url) => answer(scope, &url, args.get(2)),
        None => Ok(scope.undefined()),
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
    // The first become an array at once, as most forms have no more; to add to one takes longer.
    let mut first = Vec::new();
    let (mut list, mut count) = (None, 0);
    let mut start = 0;
    while let Some((piece, end)) = form_piece(scope, args.get(0), start)? {
        for (name, value) in form_urlencoded::parse(piece.as_bytes()) {
            for text in [name, value] {
                if first.len() < AT_ONCE {
                    first.push(scope.string(&text)?);
                    continue;
                }
                let list = match list {
                    Some(list) => list,
                    None => *list.insert(scope.array(&first)?),
                };
                let mut scope = scope.nested();
                let text = scope.string(&text)?;
                scope.define_index(list, AT_ONCE as u32 + count, text)?;
                count += 1;
            }
        }
        start = end;
        scope.check_interrupt()?;
    }
    match list {
        Some(list) => Ok(list),
        None => scope.array(&first),
    }
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

/// `formEncode(list)`, or `formEncode(name, value, name, …)`: there is no array to look into, when they are few.
pub(super) fn form_encode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let list = args.get(0);
    let flat = list.is_string();
    let count = if flat { args.len() } else { scope.array_length(list).unwrap_or(0) };
    let mut output = String::with_capacity(FEW);
    for index in 0..count {
        let mut scope = scope.nested();
        let part = if flat { args.get(index) } else { scope.get_index(list, index)? };
        output.push_str(match index {
            0 => "",
            _ if index % 2 == 1 => "=",
            _ => "&",
        });
        append_encoded(&mut scope, &mut output, part)?;
    }
    scope.string(&output)
}

/// Characters that are encoded without a look at whether the isolate may go on.
const FEW: usize = 128;

fn append_encoded(
    scope: &mut Scope<'_>,
    output: &mut String,
    part: Local<'_>,
) -> Result<(), Throw> {
    let length = scope.string_length(part);
    if length <= FEW {
        // Each becomes nine at most. To grow, the output may be copied to a place of twice the size.
        scope.require_memory(2 * (output.len() + 9 * length))?;
        return scope.with_string(part, |part| match part {
            StringRef::Latin1(bytes) if bytes.is_ascii() => {
                output.extend(form_urlencoded::byte_serialize(bytes));
            }
            part => output.extend(form_urlencoded::byte_serialize(part.to_utf8().as_bytes())),
        });
    }
    let part = text(scope, part)?;
    scope.require_memory(2 * (output.len() + encoded_length(&part)))?;
    for piece in part.as_bytes().chunks(PIECE) {
        output.extend(form_urlencoded::byte_serialize(piece));
        scope.check_interrupt()?;
    }
    Ok(())
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
