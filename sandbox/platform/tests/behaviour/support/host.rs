use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use insula_platform::Host;
use insula_wire::{
    BodyHead, Decoder, FailureCode, Frame, HeaderBlock, IsolateFrame, LogLevel, MessagePart,
    RedirectMode, caps,
};

/// A body that goes along with its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    None,
    Whole(String),
    /// It follows, and this long if that is known.
    Follows(Option<u64>),
}

/// What an isolate said to its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Response {
        stream: u32,
        status: u16,
        headers: String,
        body: Body,
    },
    Failed {
        stream: u32,
        code: FailureCode,
        message: String,
    },
    Done {
        stream: u32,
    },
    Log {
        stream: u32,
        level: LogLevel,
        text: String,
    },
    Exception {
        stream: u32,
        message: String,
    },
    Fetch {
        stream: u32,
        parent: u32,
        redirect: RedirectMode,
        method: String,
        url: String,
        headers: String,
        body: Body,
    },
    Chunk {
        stream: u32,
        text: String,
    },
    End {
        stream: u32,
    },
    Error {
        stream: u32,
    },
    Credit {
        stream: u32,
        bytes: u32,
    },
    Abort {
        stream: u32,
    },
    Connect {
        stream: u32,
        url: String,
        headers: String,
    },
    Message {
        stream: u32,
        last: bool,
        is_text: bool,
        length: usize,
    },
    Close {
        stream: u32,
        code: u16,
        reason: String,
    },
}

/// The event loop's side: notes what is said, and holds the isolate to the protocol.
#[derive(Default)]
pub(super) struct Recorder {
    said: RefCell<Vec<Said>>,
    /// Due time and order of setting → timer and the request that set it.
    timers: RefCell<BTreeMap<(Duration, u64), (u32, u32)>>,
    timers_set: Cell<u64>,
    now: Cell<Duration>,
    requests: RefCell<HashMap<u32, Progress>>,
    /// Bytes that were sent on a stream and for which there was no credit again.
    sent: RefCell<HashMap<u32, usize>>,
    breaches: RefCell<Vec<String>>,
}

/// How far a request is.
#[derive(Debug, Default)]
struct Progress {
    answered: bool,
    sending: bool,
    aborted: bool,
}

impl Recorder {
    pub(super) fn take_said(&self) -> Vec<Said> {
        self.said.take()
    }

    pub(super) fn open(&self, stream: u32) {
        self.requests.borrow_mut().insert(stream, Progress::default());
    }

    pub(super) fn abort(&self, stream: u32) {
        if let Some(progress) = self.requests.borrow_mut().get_mut(&stream) {
            progress.aborted = true;
        }
    }

    /// So many bytes go to the isolate.
    pub(super) fn sent(&self, stream: u32, bytes: usize) {
        *self.sent.borrow_mut().entry(stream).or_default() += bytes;
    }

    pub(super) fn has_open(&self) -> bool {
        !self.requests.borrow().is_empty()
    }

    /// Lets time pass until the next timer is due, and takes it.
    pub(super) fn next_timer(&self) -> Option<(u32, u32)> {
        let ((due, _), timer) = self.timers.borrow_mut().pop_first()?;
        self.now.set(due.max(self.now.get()));
        Some(timer)
    }

    /// The same, unless that would be later than `end`: then it is `end`.
    pub(super) fn next_timer_until(&self, end: Duration) -> Option<(u32, u32)> {
        let next = self.timers.borrow().first_key_value().map(|(&(due, _), _)| due);
        if next.is_some_and(|due| due <= end) {
            return self.next_timer();
        }
        self.now.set(end);
        None
    }

    /// The time that has passed.
    pub(super) fn now(&self) -> Duration {
        self.now.get()
    }

    pub(super) fn breaches(&self) -> Vec<String> {
        self.breaches.borrow().clone()
    }

    fn breach(&self, what: String) {
        self.breaches.borrow_mut().push(what);
    }

    /// What the supervisor checks of a frame, as far as it concerns requests.
    fn check(&self, frame: IsolateFrame<'_>) {
        let mut requests = self.requests.borrow_mut();
        let (stream, what) = match frame {
            IsolateFrame::Response { stream, .. } => (stream, "Response"),
            IsolateFrame::Failed { stream, .. } => (stream, "Failed"),
            IsolateFrame::Chunk { stream, .. } => (stream, "Chunk"),
            IsolateFrame::End { stream } => (stream, "End"),
            IsolateFrame::Error { stream, .. } => (stream, "Error"),
            IsolateFrame::Credit { stream, bytes } => {
                let mut sent = self.sent.borrow_mut();
                let sent = sent.entry(stream).or_default();
                match sent.checked_sub(bytes as usize) {
                    Some(rest) => *sent = rest,
                    None => self.breach(format!("{bytes} of credit for {sent} bytes on {stream}")),
                }
                return;
            }
            _ => return,
        };
        if stream % 2 == 1 {
            return;
        }
        let Some(progress) = requests.get_mut(&stream) else {
            return self.breach(format!("{what} for stream {stream}, which is not open"));
        };
        let is_legal = match frame {
            IsolateFrame::Response { body, .. } => {
                progress.sending = matches!(body, BodyHead::Stream { .. });
                !std::mem::replace(&mut progress.answered, true)
            }
            IsolateFrame::Failed { .. } => !std::mem::replace(&mut progress.answered, true),
            IsolateFrame::Chunk { .. } => progress.sending,
            _ => std::mem::take(&mut progress.sending),
        };
        if !is_legal {
            self.breach(format!("{what} for stream {stream} out of turn: {progress:?}"));
        }
    }
}

impl Host for Recorder {
    fn send(&self, frame: IsolateFrame<'_>) {
        if let Err(error) = arrives(&frame) {
            self.breach(format!("{frame:?}: {error}"));
        }
        self.check(frame);
        self.said.borrow_mut().extend(said(frame));
    }

    fn log(&self, stream: u32, level: LogLevel, text: &str) {
        self.said.borrow_mut().push(Said::Log { stream, level, text: text.to_owned() });
    }

    fn start_timer(&self, id: u32, delay: Duration, stream: u32) {
        self.cancel_timer(id);
        self.timers_set.set(self.timers_set.get() + 1);
        let key = (self.now.get() + delay, self.timers_set.get());
        self.timers.borrow_mut().insert(key, (id, stream));
    }

    fn cancel_timer(&self, id: u32) {
        self.timers.borrow_mut().retain(|_, (other, _)| *other != id);
    }

    fn request_done(&self, stream: u32) {
        if stream == 0 {
            // Nobody waits in `beforeunload` any more.
            return;
        }
        match self.requests.borrow_mut().remove(&stream) {
            None => self.breach(format!("Done for stream {stream}, which is not open")),
            Some(Progress { aborted: true, .. }) => {}
            Some(Progress { answered: true, sending: false, .. }) => {}
            Some(progress) => {
                self.breach(format!("stream {stream} is done too early: {progress:?}"))
            }
        }
        self.said.borrow_mut().push(Said::Done { stream });
    }

    fn elapsed(&self) -> Duration {
        self.now.get()
    }

    fn time_origin(&self) -> f64 {
        1_700_000_000_000.0
    }
}

/// Whether the host's decoder takes the frame, and takes it for the same.
fn arrives(frame: &IsolateFrame<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes);
    let mut decoder = Decoder::for_host();
    for part in bytes.chunks(4096) {
        decoder.spare()[..part.len()].copy_from_slice(part);
        decoder.filled(part.len());
    }
    match decoder.next::<IsolateFrame<'_>>() {
        Ok(Some(_)) if bytes.len() <= caps::FRAME_HEADER + caps::FRAME_PAYLOAD => Ok(()),
        Ok(_) => Err("it does not arrive".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn said(frame: IsolateFrame<'_>) -> Option<Said> {
    Some(match frame {
        IsolateFrame::Response { stream, status, headers, body, .. } => {
            Said::Response { stream, status, headers: fields(headers), body: whole(body) }
        }
        IsolateFrame::Failed { stream, code, error } => {
            Said::Failed { stream, code, message: error.message.to_owned() }
        }
        IsolateFrame::Exception { stream, error } => {
            Said::Exception { stream, message: error.message.to_owned() }
        }
        IsolateFrame::Fetch { stream, parent, redirect, method, url, headers, body } => {
            Said::Fetch {
                stream,
                parent,
                redirect,
                method: method.to_owned(),
                url: url.to_owned(),
                headers: fields(headers),
                body: whole(body),
            }
        }
        IsolateFrame::Chunk { stream, bytes } => Said::Chunk { stream, text: text(bytes) },
        IsolateFrame::End { stream } => Said::End { stream },
        IsolateFrame::Error { stream, .. } => Said::Error { stream },
        IsolateFrame::Credit { stream, bytes } => Said::Credit { stream, bytes },
        IsolateFrame::Abort { stream } => Said::Abort { stream },
        IsolateFrame::Connect { stream, url, headers, .. } => {
            Said::Connect { stream, url: url.to_owned(), headers: fields(headers) }
        }
        IsolateFrame::Message { stream, last, part } => Said::Message {
            stream,
            last,
            is_text: matches!(part, MessagePart::Text(_)),
            length: part.bytes().len(),
        },
        IsolateFrame::Close { stream, code, reason } => {
            Said::Close { stream, code, reason: reason.to_owned() }
        }
        _ => return None,
    })
}

/// `name: value` of each field, in order, one a line.
fn fields(block: HeaderBlock<'_>) -> String {
    let lines: Vec<_> =
        block.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect();
    lines.join("\n")
}

fn whole(body: BodyHead<'_>) -> Body {
    match body {
        BodyHead::None => Body::None,
        BodyHead::Inline(bytes) => Body::Whole(text(bytes)),
        BodyHead::Stream { length } => Body::Follows(length),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
