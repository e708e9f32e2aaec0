//! A response that is kept.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::account::Share;
use super::places::Place;
use super::request::{Asked, Vary};

/// What an entry takes beside its text: itself, its places in four tables, and what allocating them costs.
pub(super) const OVERHEAD: u64 = 1024;
/// What a header field takes beside its text. The table has room for twice as many.
const FIELD: u64 = 256;
/// What a field that the response varies by takes beside its text.
const VARIED: u64 = 160;

pub(super) struct Entry {
    /// As [`Asked::key`].
    pub(super) key: Arc<str>,
    /// Bytes of the cache's name in it.
    name: usize,
    pub(super) vary: Vary,
    pub(super) place: Place,
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    body: Box<[u8]>,
    pub(super) stored: Instant,
    stale: Option<Instant>,
    /// Its memory: taken for as long as anybody reads it.
    pub(super) share: Share,
}

/// Bytes of memory of the entry that there will be.
pub(super) fn size(asked: &Asked, fields: &HeaderMap, body: &[u8]) -> u64 {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().len() + value.len()) as u64 + FIELD
    };
    let fields: u64 = fields.iter().map(field).sum();
    let vary: u64 = asked.vary.iter().map(|pair| text(pair) + VARIED).sum();
    body.len() as u64 + asked.key_len() as u64 + fields + vary + OVERHEAD
}

fn text((name, value): &(HeaderName, Option<HeaderValue>)) -> u64 {
    (name.as_str().len() + value.as_ref().map_or(0, HeaderValue::len)) as u64
}

impl Entry {
    pub(super) fn new(
        asked: &Asked,
        place: Place,
        fields: HeaderMap,
        body: Box<[u8]>,
        share: Share,
    ) -> Self {
        let stored = Instant::now();
        Self {
            key: asked.key().into(),
            name: asked.name.len(),
            vary: asked.vary.clone(),
            place,
            status: asked.status,
            fields,
            body,
            stored,
            stale: asked.fresh.and_then(|fresh| stored.checked_add(fresh)),
            share,
        }
    }

    pub(super) fn cache(&self) -> &str {
        &self.key[..self.name]
    }

    pub(super) fn url(&self) -> &str {
        &self.key[self.name + 1..]
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale.is_some_and(|stale| stale <= Instant::now())
    }

    /// Its body, which keeps it and its share for as long as it is read.
    pub(super) fn body(self: &Arc<Self>) -> Bytes {
        Bytes::from_owner(Lent(Arc::clone(self)))
    }

    /// At most how many bytes it takes in a list.
    pub(super) fn listed(&self) -> u64 {
        let pair = |pair: &_| 2 * text(pair) + 16;
        2 * self.key.len() as u64 + self.vary.iter().map(pair).sum::<u64>() + 16
    }
}

struct Lent(Arc<Entry>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}
