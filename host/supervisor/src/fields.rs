//! Header fields between `http`'s form and the wire's.

use std::cell::RefCell;

use http::{HeaderMap, HeaderName, HeaderValue};
use insula_wire::{HeaderBlock, HeaderBlockBuilder, WireError};

/// Calls `with` with `headers` as a header block.
///
/// # Errors
///
/// [`WireError`] when the fields are too many or too long for a frame.
pub(crate) fn with_block<T>(
    headers: &HeaderMap,
    with: impl FnOnce(HeaderBlock<'_>) -> T,
) -> Result<T, WireError> {
    thread_local! {
        static SCRATCH: RefCell<HeaderBlockBuilder> = RefCell::default();
    }
    SCRATCH.with_borrow_mut(|block| {
        block.clear();
        for (name, value) in headers {
            block.push(name.as_str(), value.as_bytes())?;
        }
        Ok(with(block.block()))
    })
}

/// The fields of `block`, or the name of the one whose value HTTP cannot carry.
pub(crate) fn to_map(block: HeaderBlock<'_>) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, value) in block.iter() {
        let illegal = || name.to_owned();
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| illegal())?;
        let value = HeaderValue::from_bytes(value).map_err(|_| illegal())?;
        map.append(key, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_survive_both_ways() {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", HeaderValue::from_static("a=1"));
        headers.append("set-cookie", HeaderValue::from_static("b=2"));
        headers.append("x-latin", HeaderValue::from_bytes(b"\xe9").expect("legal"));
        let back = with_block(&headers, |block| to_map(block).expect("legal")).expect("fits");
        assert_eq!(back, headers);
    }

    #[test]
    fn a_value_that_http_cannot_carry_is_named() {
        let mut block = HeaderBlockBuilder::default();
        block.push("x-bell", b"\x07").expect("the wire takes it");
        assert_eq!(to_map(block.block()), Err("x-bell".to_owned()));
    }

    #[test]
    fn too_many_fields_are_refused() {
        let mut headers = HeaderMap::new();
        for n in 0..=insula_wire::caps::HEADER_FIELDS {
            headers.append("x-n", HeaderValue::from(n));
        }
        assert!(with_block(&headers, |_| ()).is_err());
    }
}
