use std::rc::Rc;
use std::time::Duration;

use insula_platform::{Incoming, Platform};
use insula_spidermonkey::{
    Isolate, IsolateOptions, ModuleBody, PromiseState, Scope, Throw, Thrown,
};
use insula_wire::{Exports, HeaderBlockBuilder, MessagePart, SocketEnd};

use super::engine::{on_large_stack, seed};
use super::host::{Body, Recorder, Said};

/// Timers that a test may need.
const MOST_TIMERS: usize = 1000;

/// A deployment in an isolate.
pub struct Tenant {
    host: Rc<Recorder>,
    platform: Platform,
    isolate: Isolate,
    last_stream: u32,
}

/// Runs `test` with `source` deployed. Panics when the isolate broke the protocol.
pub fn with_tenant(source: &str, test: impl FnOnce(&mut Tenant) + Send + 'static) {
    let source = source.to_owned();
    let ended = on_large_stack(move || {
        let mut tenant = Tenant::start();
        tenant.deploy(&source);
        test(&mut tenant);
        assert_eq!(tenant.host.breaches(), [""; 0]);
        assert!(!tenant.isolate.has_defect(), "an op panicked");
    });
    if let Err(panic) = ended.join() {
        std::panic::resume_unwind(panic);
    }
}

impl Tenant {
    fn start() -> Self {
        let (seed, image) = seed();
        let mut isolate = Isolate::new(seed, &IsolateOptions::default()).expect("an isolate");
        let host = Rc::new(Recorder::default());
        let platform =
            Platform::install(&mut isolate, &image, host.clone()).expect("the platform starts");
        Self { host, platform, isolate, last_stream: 0 }
    }

    fn deploy(&mut self, source: &str) {
        let Self { platform, isolate, .. } = self;
        let exports = isolate.enter(|scope| {
            scope.add_module("index.js", ModuleBody::JavaScript(source.to_owned()));
            let started = start_module(platform, scope);
            started.map_err(|throw| scope.take_exception(throw))
        });
        match exports {
            Ok(exports) => assert!(exports.fetch, "requests are handled"),
            Err(Thrown::Exception(error)) => panic!("{} at\n{}", error.message, error.stack),
            Err(Thrown::Terminated) => panic!("terminated"),
        }
    }

    /// Sends a request and lets it run as far as it gets without another frame or timer. Returns
    /// its stream.
    pub fn request(&mut self, method: &str, url: &str, body: Incoming<'_>) -> u32 {
        self.last_stream += 2;
        let stream = self.last_stream;
        self.host.open(stream);
        let mut headers = HeaderBlockBuilder::default();
        headers.push("host", b"a.localhost").expect("a legal field");
        if url.ends_with("/socket") {
            headers.push("upgrade", b"websocket").expect("a legal field");
        }
        self.turn(|platform, scope| {
            platform.request(scope, stream, method, url, headers.block(), body)
        });
        stream
    }

    /// `GET /`.
    pub fn get(&mut self) -> u32 {
        self.request("GET", "http://a.localhost/", Incoming::None)
    }

    /// Answers a subrequest with status 200.
    pub fn answer(&mut self, stream: u32, body: Incoming<'_>) {
        self.answer_with(stream, &[], body);
    }

    /// Answers a subrequest with status 200 and these fields.
    pub fn answer_with(&mut self, stream: u32, fields: &[(&str, &str)], body: Incoming<'_>) {
        let mut headers = HeaderBlockBuilder::default();
        for (name, value) in fields {
            headers.push(name, value.as_bytes()).expect("a legal field");
        }
        let url = "https://b.example/";
        self.turn(|platform, scope| {
            platform.fetch_response(scope, stream, 200, false, "OK", url, headers.block(), body)
        });
    }

    /// Answers a subrequest with an event stream, whose chunks follow.
    pub fn answer_with_events(&mut self, stream: u32) {
        let mut headers = HeaderBlockBuilder::default();
        headers.push("content-type", b"text/event-stream; charset=x").expect("a legal field");
        let url = "https://b.example:8443/moved";
        self.turn(|platform, scope| {
            let (headers, body) = (headers.block(), Incoming::Follows);
            platform.fetch_response(scope, stream, 200, true, "OK", url, headers, body)
        });
    }

    pub fn fail(&mut self, stream: u32, message: &str) {
        self.turn(|platform, scope| platform.fetch_failed(scope, stream, message));
    }

    pub fn chunk(&mut self, stream: u32, bytes: &[u8]) {
        self.host.sent(stream, bytes.len());
        self.turn(|platform, scope| platform.chunk(scope, stream, bytes));
    }

    pub fn end(&mut self, stream: u32) {
        self.turn(|platform, scope| platform.end(scope, stream));
    }

    pub fn error(&mut self, stream: u32, message: &str) {
        self.turn(|platform, scope| platform.error(scope, stream, message));
    }

    pub fn credit(&mut self, stream: u32, bytes: u32) {
        self.turn(|platform, scope| platform.credit(scope, stream, bytes));
    }

    /// The subrequest becomes a WebSocket.
    pub fn connected(&mut self, stream: u32, protocol: &str) {
        let mut headers = HeaderBlockBuilder::default();
        if !protocol.is_empty() {
            headers.push("sec-websocket-protocol", protocol.as_bytes()).expect("a legal field");
        }
        let url = "http://b.example/";
        self.turn(|platform, scope| {
            let body = Incoming::None;
            platform.fetch_response(scope, stream, 101, false, "", url, headers.block(), body)
        });
    }

    pub fn message(&mut self, stream: u32, last: bool, part: MessagePart<'_>) {
        self.host.sent(stream, part.cost() as usize);
        self.turn(|platform, scope| platform.message(scope, stream, last, part));
    }

    pub fn closed(&mut self, stream: u32, end: SocketEnd, code: u16, reason: &str) {
        self.turn(|platform, scope| platform.closed(scope, stream, end, code, reason));
    }

    /// The isolate is to go.
    pub fn farewell(&mut self, reason: &'static str) {
        self.turn(|platform, scope| platform.farewell(scope, reason).map(drop));
    }

    pub fn abort(&mut self, stream: u32) {
        self.host.abort(stream);
        self.turn(|platform, scope| platform.abort(scope, stream));
    }

    /// Fires timers in order while there are any; then, if nothing else is to come, fails what
    /// waits in vain.
    pub fn run(&mut self) {
        for _ in 0..MOST_TIMERS {
            match self.host.next_timer() {
                Some((id, _)) => self.turn(|platform, scope| platform.timer(scope, id)),
                None => {
                    if self.host.has_open() && self.platform.is_idle() {
                        self.turn(|platform, scope| platform.fail_unsettled(scope));
                    }
                    return;
                }
            }
        }
        panic!("timers without end");
    }

    /// Runs what is due without letting time pass.
    pub fn tick(&mut self) {
        self.tick_by(0);
    }

    /// Lets so many milliseconds pass, and runs what becomes due.
    pub fn tick_by(&mut self, milliseconds: u64) {
        let end = self.host.now() + Duration::from_millis(milliseconds);
        while let Some((id, _)) = self.host.next_timer_until(end) {
            self.turn(|platform, scope| platform.timer(scope, id));
        }
    }

    /// What was said since the last call.
    pub fn said(&mut self) -> Vec<Said> {
        self.host.take_said()
    }

    /// The whole body of the response that was said since.
    pub fn answered(&mut self) -> String {
        let said = self.said();
        let body = said.iter().find_map(|said| match said {
            Said::Response { body: Body::Whole(text), .. } => Some(text.clone()),
            _ => None,
        });
        body.unwrap_or_else(|| panic!("no whole response: {said:?}"))
    }

    /// Collects what nothing holds any more.
    pub fn collect(&mut self) {
        self.isolate.shrink();
    }

    /// So many bytes there are for what the tenant keeps.
    pub fn limit_heap(&mut self, bytes: u32) {
        self.isolate.set_heap_limit(bytes);
    }

    /// The texts of the log lines among what was said, each with its request.
    pub fn logged(&mut self) -> Vec<(u32, String)> {
        let lines = self.said().into_iter().filter_map(|said| match said {
            Said::Log { stream, text, .. } => Some((stream, text)),
            _ => None,
        });
        lines.collect()
    }

    fn turn(&mut self, work: impl FnOnce(&Platform, &mut Scope<'_>) -> Result<(), Throw>) {
        let Self { platform, isolate, .. } = self;
        let result = isolate.enter(|scope| {
            let worked = work(platform, scope).map_err(|throw| scope.take_exception(throw));
            let settled = platform.settle(scope).map_err(|throw| scope.take_exception(throw));
            worked.and(settled)
        });
        assert_eq!(result, Ok(()), "tenant code's exceptions stay inside");
    }
}

fn start_module(platform: &Platform, scope: &mut Scope<'_>) -> Result<Exports, Throw> {
    let promise = scope.evaluate_module("index.js")?;
    platform.settle(scope)?;
    match scope.promise_state(promise) {
        Some(PromiseState::Fulfilled) => {
            let namespace = scope.module_namespace("index.js")?;
            platform.configure(scope, namespace)
        }
        Some(PromiseState::Rejected) => {
            scope.mark_handled(promise)?;
            let reason = scope.promise_result(promise);
            Err(scope.throw(reason))
        }
        _ => Err(Throw::TypeError("top-level await waits".to_owned())),
    }
}
