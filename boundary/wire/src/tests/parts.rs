//! Material for frames: one set of parts makes a frame of every kind.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::{
    BodyHead, BootFailure, CordonMessage, ErrorReport, ExitReason, Exports, FailureCode, Farewell,
    Frame, HeaderBlockBuilder, HostFrame, IsolateFrame, IsolateLimits, LogLevel, MessagePart,
    ModuleKind, RedirectMode, RetireReason, ReuseMode, SocketEnd, SupervisorMessage, caps,
};

/// What frames borrow from.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    name: String,
    text: String,
    method: String,
    bytes: Vec<u8>,
    fields: Vec<(String, Vec<u8>)>,
    block: HeaderBlockBuilder,
    number: u64,
    /// Chooses the value of every enum and boolean.
    choice: usize,
}

impl Parts {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let text = (".{0,40}", ".{0,300}", "[A-Z]{0,64}");
        let bytes = prop_oneof![
            8 => vec(any::<u8>(), 0..200),
            1 => vec(any::<u8>(), caps::INLINE_BODY - 2..=caps::INLINE_BODY),
        ];
        (text, bytes, fields(), any::<u64>(), any::<usize>()).prop_map(
            |((name, text, method), bytes, fields, number, choice)| {
                let mut block = HeaderBlockBuilder::default();
                for (name, value) in &fields {
                    block.push(name, value).expect("legal fields within the caps");
                }
                Self { name, text, method, bytes, fields, block, number, choice }
            },
        )
    }

    /// The fields that are in the header blocks of frames.
    pub(super) fn fields(&self) -> &[(String, Vec<u8>)] {
        &self.fields
    }

    /// A frame of every kind that the host sends.
    pub(super) fn host_frames(&self) -> Vec<HostFrame<'_>> {
        let Self { name, text, method, bytes, .. } = self;
        let (even, odd, either) = self.streams();
        let (headers, body) = (self.block.block(), self.body());
        vec![
            HostFrame::Hello { version: self.number as u16, limits: self.limits() },
            HostFrame::Boot {
                entry: name,
                modules: self.number as u32 % (caps::MODULES as u32 + 1),
                variables: self.number as u32 % (caps::VARIABLES as u32 + 1),
            },
            HostFrame::Module { name, kind: self.pick(ModuleKind::ALL), source: bytes },
            HostFrame::Variable { name, value: text },
            HostFrame::Start,
            HostFrame::Request { stream: even, method, url: text, headers, body },
            HostFrame::FetchResponse {
                stream: odd,
                status: 100 + (self.number % 900) as u16,
                redirected: self.flag(),
                status_text: name,
                url: text,
                headers,
                body,
            },
            HostFrame::FetchFailed { stream: odd, message: text },
            HostFrame::Shutdown { reason: self.pick(Farewell::ALL) },
            HostFrame::Chunk { stream: either, bytes },
            HostFrame::End { stream: either },
            HostFrame::Error { stream: either, message: text },
            HostFrame::Credit { stream: either, bytes: self.credit() },
            HostFrame::Abort { stream: even },
            HostFrame::Message { stream: either, last: self.flag(), part: self.part() },
            HostFrame::Closed {
                stream: either,
                end: self.pick(SocketEnd::ALL),
                code: self.number as u16,
                reason: method,
            },
        ]
    }

    /// A frame of every kind that an isolate sends.
    pub(super) fn isolate_frames(&self) -> Vec<IsolateFrame<'_>> {
        let Self { name, text, method, bytes, number, .. } = self;
        let (even, odd, either) = self.streams();
        let (headers, body, error) = (self.block.block(), self.body(), self.error());
        let request_or_none = if self.flag() { even } else { 0 };
        vec![
            IsolateFrame::Hello { version: *number as u16 },
            IsolateFrame::Ready {
                cpu_us: *number,
                exports: Exports { fetch: self.flag(), scheduled: !self.flag() },
            },
            IsolateFrame::BootFailed { failure: self.pick(BootFailure::ALL), error },
            IsolateFrame::Response {
                stream: even,
                status: 200 + (number % 400) as u16,
                status_text: name,
                headers,
                body,
            },
            IsolateFrame::Failed { stream: even, code: self.pick(FailureCode::ALL), error },
            IsolateFrame::Done { stream: even, cpu_us: *number },
            IsolateFrame::Log { stream: request_or_none, level: self.pick(LogLevel::ALL), text },
            IsolateFrame::Exception { stream: request_or_none, error },
            IsolateFrame::Fetch {
                stream: odd,
                parent: request_or_none,
                redirect: self.pick(RedirectMode::ALL),
                method,
                url: text,
                headers,
                body,
            },
            IsolateFrame::Connect { stream: odd, parent: request_or_none, url: text, headers },
            IsolateFrame::Usage { bytes: *number, peak: *number },
            IsolateFrame::Spent { stream: request_or_none, cpu_us: *number },
            IsolateFrame::CpuSoft { stream: even, cpu_us: *number },
            IsolateFrame::Retiring {
                stream: request_or_none,
                reason: self.pick(RetireReason::ALL),
            },
            IsolateFrame::Chunk { stream: either, bytes },
            IsolateFrame::End { stream: either },
            IsolateFrame::Error { stream: either, message: text },
            IsolateFrame::Credit { stream: either, bytes: self.credit() },
            IsolateFrame::Abort { stream: either },
            IsolateFrame::Message { stream: either, last: self.flag(), part: self.part() },
            IsolateFrame::Close {
                stream: either,
                code: self.pick(&[1000, 1005, 1014, 3000, 4999]),
                reason: method,
            },
        ]
    }

    /// A message of every kind that the supervisor sends.
    pub(super) fn supervisor_messages(&self) -> Vec<SupervisorMessage> {
        vec![
            SupervisorMessage::Hello { version: self.number as u16 },
            SupervisorMessage::Start { isolate: self.number },
            SupervisorMessage::Drain,
        ]
    }

    /// A message of every kind that a cordon sends.
    pub(super) fn cordon_messages(&self) -> Vec<CordonMessage> {
        vec![
            CordonMessage::Hello { version: self.number as u16 },
            CordonMessage::Exited { isolate: self.number, reason: self.pick(ExitReason::ALL) },
            CordonMessage::Stuck { isolate: self.number },
            CordonMessage::Long { isolate: self.number, cpu_us: self.number as u32 },
            CordonMessage::Crashed { isolate: self.number, signal: self.number as u8 },
        ]
    }

    /// Numbers that a request, a subrequest, and a body's stream can have.
    fn streams(&self) -> (u32, u32, u32) {
        let stream = self.number as u32;
        ((stream & !1).max(2), stream | 1, stream.max(1))
    }

    fn credit(&self) -> u32 {
        1 + self.number as u32 % caps::MAX_CREDIT
    }

    fn body(&self) -> BodyHead<'_> {
        match self.choice % 4 {
            0 => BodyHead::None,
            1 => BodyHead::Inline(&self.bytes),
            2 => BodyHead::Stream { length: None },
            _ => BodyHead::Stream { length: Some(self.number) },
        }
    }

    fn part(&self) -> MessagePart<'_> {
        match self.choice % 3 {
            0 => MessagePart::Text(&self.text),
            1 => MessagePart::Text(""),
            _ => MessagePart::Binary(&self.bytes),
        }
    }

    fn error(&self) -> ErrorReport<'_> {
        let (line, column) = (self.number as u32, (self.number >> 32) as u32);
        ErrorReport { message: &self.text, stack: &self.method, file: &self.name, line, column }
    }

    fn limits(&self) -> IsolateLimits {
        IsolateLimits {
            cpu_request_us: self.number,
            cpu_soft_us: self.number,
            cpu_startup_us: !self.number,
            memory_bytes: self.number.rotate_left(20),
            log_bytes: self.number as u32,
            reuse: self.pick(ReuseMode::ALL),
            wasm: self.choice.is_multiple_of(2),
        }
    }

    fn flag(&self) -> bool {
        self.choice.is_multiple_of(2)
    }

    fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[self.choice % all.len()]
    }
}

/// The bytes of a frame, its header included.
pub(super) fn encoded<'a>(frame: &impl Frame<'a>) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    out
}

fn fields() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = "[a-z0-9!#$%&'*+.^_`|~-]{1,20}";
    let value = vec(any::<u8>().prop_filter("a legal byte", |b| !b"\0\r\n".contains(b)), 0..40);
    vec((name, value), 0..6)
}
