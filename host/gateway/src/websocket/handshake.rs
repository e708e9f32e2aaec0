//! The opening handshake (RFC 6455 §4), over HTTP/1.1 and over HTTP/2 (RFC 8441).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use tungstenite::handshake::derive_accept_key;

const VERSION: HeaderValue = HeaderValue::from_static("13");
const UPGRADES: HeaderValue = HeaderValue::from_static("Upgrade");
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// A client's request to switch to a WebSocket.
pub(crate) struct Offer {
    on_upgrade: OnUpgrade,
    /// `None` over HTTP/2, which has no need of it.
    accept: Option<HeaderValue>,
    protocols: Vec<String>,
}

/// What a client is answered that may switch.
pub(crate) struct Answer {
    pub(crate) head: Response<()>,
    pub(crate) on_upgrade: OnUpgrade,
}

impl Offer {
    /// Takes the offer out of a request that has no body. What is no offer, or none that can be
    /// understood, is an ordinary request.
    pub(crate) fn take(head: &mut Parts) -> Option<Self> {
        let on_upgrade = head.extensions.remove::<OnUpgrade>()?;
        let is_understood = head.headers.get(SEC_WEBSOCKET_VERSION) == Some(&VERSION);
        let over_http2 = head.version == Version::HTTP_2;
        let accept = if over_http2 {
            let protocol = head.extensions.remove::<Protocol>()?;
            if head.method != Method::CONNECT || protocol.as_str() != "websocket" || !is_understood
            {
                return None;
            }
            head.method = Method::GET;
            None
        } else if head.version != Version::HTTP_11 {
            return None;
        } else {
            let names = |name, token| has_token(&head.headers, name, token);
            let asks = names(CONNECTION, "upgrade") && names(UPGRADE, "websocket");
            if head.method != Method::GET || !asks || !is_understood {
                return None;
            }
            let key = head.headers.get(SEC_WEBSOCKET_KEY)?;
            if STANDARD.decode(key.as_bytes()).ok()?.len() != 16 {
                return None;
            }
            Some(HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()?)
        };
        let protocols = protocols(&head.headers).map(str::to_owned).collect();
        Some(Self { on_upgrade, accept, protocols })
    }

    /// Says in the fields that the tenant sees what the connection's own have said.
    pub(crate) fn show(headers: &mut HeaderMap) {
        headers.insert(CONNECTION, UPGRADES);
        headers.insert(UPGRADE, WEBSOCKET);
    }

    /// The answer, with the fields that a tenant has chosen.
    pub(crate) fn accept(self, mut headers: HeaderMap) -> Answer {
        for name in [CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS] {
            headers.remove(name);
        }
        let chosen = protocols(&headers).next().map(str::to_owned);
        headers.remove(SEC_WEBSOCKET_PROTOCOL);
        // A client takes nothing that it has not offered.
        let chosen = chosen.filter(|chosen| self.protocols.contains(chosen));
        if let Some(chosen) = chosen.and_then(|chosen| HeaderValue::try_from(chosen).ok()) {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, chosen);
        }
        let mut head = Response::new(());
        match self.accept {
            None => *head.status_mut() = StatusCode::OK,
            Some(accept) => {
                *head.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
                Self::show(&mut headers);
                headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
            }
        }
        *head.headers_mut() = headers;
        Answer { head, on_upgrade: self.on_upgrade }
    }
}

/// A request of this host's to switch to a WebSocket.
pub(crate) struct Asked {
    accept: String,
    protocols: Vec<String>,
}

impl Asked {
    /// Adds the fields of the handshake to a request's.
    ///
    /// # Errors
    ///
    /// When the system gives no random numbers: what is not new proves nothing.
    pub(crate) fn new(headers: &mut HeaderMap) -> Result<Self, getrandom::Error> {
        for name in [SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS] {
            headers.remove(name);
        }
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)?;
        let key = STANDARD.encode(nonce);
        let protocols = protocols(headers).map(str::to_owned).collect();
        let accept = derive_accept_key(key.as_bytes());
        Offer::show(headers);
        headers.insert(SEC_WEBSOCKET_VERSION, VERSION);
        headers.remove(SEC_WEBSOCKET_KEY);
        // Base64 is a legal value.
        if let Ok(key) = HeaderValue::try_from(key) {
            headers.insert(SEC_WEBSOCKET_KEY, key);
        }
        Ok(Self { accept, protocols })
    }

    /// Whether the server has understood, and what not.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        let names = |name, token| has_token(headers, name, token);
        if !names(CONNECTION, "upgrade") || !names(UPGRADE, "websocket") {
            return Err("the server switches to another protocol");
        }
        if headers.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes)
            != Some(self.accept.as_bytes())
        {
            return Err("the server answers another handshake");
        }
        if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
            return Err("the server wants extensions that nobody offered");
        }
        let mut chosen = protocols(headers);
        match (chosen.next(), chosen.next()) {
            (None, _) => Ok(()),
            (Some(one), None) if self.protocols.iter().any(|offered| offered == one) => Ok(()),
            _ => Err("the server chose a protocol that nobody offered"),
        }
    }
}

fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    tokens(headers, SEC_WEBSOCKET_PROTOCOL)
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|other| other.eq_ignore_ascii_case(token))
}

fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|token| !token.is_empty())
}
