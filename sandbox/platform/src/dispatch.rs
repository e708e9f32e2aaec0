//! Between the event loop and the platform's JavaScript.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use insula_spidermonkey::{Isolate, Local, Persistent, PromiseState, Scope, Throw, Thrown};
use insula_wire::{
    ErrorReport, Exports, FailureCode, HeaderBlock, IsolateFrame, MessagePart, SocketEnd,
};
use thiserror::Error;

use crate::exchange::{Ending, Exchange};
use crate::host::{Host, report};
use crate::image::{Image, module_name};
use crate::{globals, ops};

/// Where the platform's modules find the ops, until `ops.js` has taken them.
const OPS_GLOBAL: &std::ffi::CStr = c"__insula";

/// The status with which a WebSocket begins.
pub(crate) const SWITCHING_PROTOCOLS: u16 = 101;

/// What ops reach through the scope.
pub(crate) struct Embedder {
    pub(crate) host: Rc<dyn Host>,
    pub(crate) exchange: RefCell<Exchange>,
    /// Counts what the event loop has come with.
    pub(crate) turn: Cell<u64>,
    /// Modules that are being evaluated because somebody looked at their global.
    pub(crate) making: RefCell<Vec<&'static str>>,
    pub(crate) randomness: RefCell<ops::Randomness>,
    /// The deployment's, by name.
    pub(crate) variables: RefCell<Vec<(String, String)>>,
    /// Whether `process.nextTick` has callbacks to run.
    pub(crate) ticks: Cell<bool>,
}

impl Embedder {
    /// Ends a request, after what the host has to hear before. Returns the subrequests that end with it.
    pub(crate) fn finish(&self, stream: u32) -> Vec<u32> {
        loop {
            let ending = self.exchange.borrow_mut().finish(stream);
            match ending {
                Ending::None => return Vec::new(),
                Ending::Unanswered => {
                    let (code, error) = (FailureCode::Exception, ErrorReport::default());
                    self.host.send(IsolateFrame::Failed { stream, code, error });
                }
                Ending::Incomplete => {
                    let message = "the body could not be produced";
                    self.host.send(IsolateFrame::Error { stream, message });
                }
                Ending::Socket => {
                    self.host.send(IsolateFrame::Abort { stream });
                    return Vec::new();
                }
                Ending::Done(children) => {
                    self.host.request_done(stream);
                    return children;
                }
            }
        }
    }
}

/// The platform in one isolate: the functions of `js/main.js` that the event loop calls.
pub struct Platform {
    embedder: Rc<Embedder>,
    receive_abort: Persistent,
    receive_chunk: Persistent,
    receive_closed: Persistent,
    receive_credit: Persistent,
    receive_end: Persistent,
    receive_error: Persistent,
    receive_failure: Persistent,
    receive_farewell: Persistent,
    warm_up: Persistent,
    receive_idle: Persistent,
    receive_message: Persistent,
    receive_late_handler: Persistent,
    receive_rejection: Persistent,
    receive_request: Persistent,
    receive_response: Persistent,
    receive_ticks: Persistent,
    receive_timer: Persistent,
    configure: Persistent,
}

/// The platform's own code did not start: a defect of Insula.
#[derive(Debug, Error)]
#[error("the platform does not start: {0}")]
pub struct PlatformError(String);

impl PlatformError {
    /// An error that says what happened.
    pub fn new(what: String) -> Self {
        Self(what)
    }
}

/// A body that comes with its head.
#[derive(Debug, Clone, Copy)]
pub enum Incoming<'a> {
    /// There is none.
    None,
    /// It is here, whole.
    Whole(&'a [u8]),
    /// It follows in chunks.
    Follows,
}

impl Platform {
    /// Evaluates the platform in a fresh isolate.
    ///
    /// # Errors
    ///
    /// [`PlatformError`]: the platform's own code threw.
    pub fn install(
        isolate: &mut Isolate,
        image: &Image,
        host: Rc<dyn Host>,
    ) -> Result<Self, PlatformError> {
        let embedder = Rc::new(Embedder {
            host,
            exchange: RefCell::default(),
            turn: Cell::default(),
            making: RefCell::default(),
            randomness: RefCell::default(),
            variables: RefCell::default(),
            ticks: Cell::new(false),
        });
        isolate.set_embedder(embedder.clone());
        isolate.set_lazy_globals(&globals::NAMES, globals::make);
        let platform = isolate.enter(|scope| {
            Self::evaluate(scope, image, embedder).map_err(|throw| {
                PlatformError(match scope.take_exception(throw) {
                    Thrown::Exception(info) => format!("{} at {}", info.message, info.stack),
                    Thrown::Terminated => "terminated".to_owned(),
                })
            })
        })?;
        isolate.open_nursery();
        Ok(platform)
    }

    fn evaluate(
        scope: &mut Scope<'_>,
        image: &Image,
        embedder: Rc<Embedder>,
    ) -> Result<Self, Throw> {
        image.add_to(scope);
        let ops = ops::object(scope)?;
        let global = scope.global();
        scope.define(global, OPS_GLOBAL, ops)?;
        let main = evaluate_platform_module(scope, "main.js")?;
        scope.delete(global, OPS_GLOBAL)?;
        let mut export = |name: &std::ffi::CStr| {
            let function = scope.get(main, name)?;
            Ok::<_, Throw>(scope.persist(function))
        };
        Ok(Self {
            receive_abort: export(c"receiveAbort")?,
            receive_chunk: export(c"receiveChunk")?,
            receive_closed: export(c"receiveClosed")?,
            receive_credit: export(c"receiveCredit")?,
            receive_end: export(c"receiveEnd")?,
            receive_error: export(c"receiveError")?,
            receive_failure: export(c"receiveFailure")?,
            receive_farewell: export(c"receiveFarewell")?,
            warm_up: export(c"warmUp")?,
            receive_idle: export(c"receiveIdle")?,
            receive_message: export(c"receiveMessage")?,
            receive_late_handler: export(c"receiveLateHandler")?,
            receive_rejection: export(c"receiveRejection")?,
            receive_request: export(c"receiveRequest")?,
            receive_response: export(c"receiveResponse")?,
            receive_ticks: export(c"receiveTicks")?,
            receive_timer: export(c"receiveTimer")?,
            configure: export(c"configure")?,
            embedder,
        })
    }

    /// The deployment's variables; to be called before its code is evaluated.
    pub fn provide_variables(&self, variables: Vec<(String, String)>) {
        *self.embedder.variables.borrow_mut() = variables;
    }

    /// The deployment's entry module, which has been evaluated, now handles events.
    ///
    /// # Errors
    ///
    /// What a getter of the exported object throws.
    pub fn configure(&self, scope: &mut Scope<'_>, namespace: Local<'_>) -> Result<Exports, Throw> {
        let flags = self.call(scope, &self.configure, [namespace])?;
        let flags = flags.as_u32().unwrap_or(0);
        Ok(Exports { fetch: flags & 1 != 0, scheduled: flags & 2 != 0 })
    }

    /// A request arrives on `stream`.
    ///
    /// # Errors
    ///
    /// Termination; out of memory. What the handler throws is an answer and no error.
    pub fn request(
        &self,
        scope: &mut Scope<'_>,
        stream: u32,
        method: &str,
        url: &str,
        headers: HeaderBlock<'_>,
        body: Incoming<'_>,
    ) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().open(stream);
        let context = scope.context(stream)?;
        scope.set_context(Some(context));
        let arguments = [
            scope.number(stream.into()),
            scope.latin1(method.as_bytes())?,
            scope.string(url)?,
            scope.latin1(headers.as_bytes())?,
            self.body(scope, stream, body)?,
        ];
        self.call(scope, &self.receive_request, arguments).map(drop)
    }

    /// The response to the subrequest on `stream` arrives.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    #[expect(clippy::too_many_arguments, reason = "the fields of one frame")]
    pub fn fetch_response(
        &self,
        scope: &mut Scope<'_>,
        stream: u32,
        status: u16,
        redirected: bool,
        status_text: &str,
        url: &str,
        headers: HeaderBlock<'_>,
        body: Incoming<'_>,
    ) -> Result<(), Throw> {
        let follows = matches!(body, Incoming::Follows);
        let opens = status == SWITCHING_PROTOCOLS;
        let mut exchange = self.embedder.exchange.borrow_mut();
        if !exchange.answered(stream, follows || opens) {
            return Ok(());
        }
        if opens {
            exchange.open_socket(stream);
        }
        drop(exchange);
        let arguments = [
            scope.number(stream.into()),
            scope.number(status.into()),
            scope.boolean(redirected),
            scope.string(status_text)?,
            scope.string(url)?,
            scope.latin1(headers.as_bytes())?,
            self.body(scope, stream, body)?,
        ];
        self.call(scope, &self.receive_response, arguments).map(drop)
    }

    /// The subrequest on `stream` came to nothing.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn fetch_failed(
        &self,
        scope: &mut Scope<'_>,
        stream: u32,
        message: &str,
    ) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().forget(stream);
        self.with_text(scope, &self.receive_failure, stream, message)
    }

    /// Bytes of a body arrive.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn chunk(&self, scope: &mut Scope<'_>, stream: u32, bytes: &[u8]) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().receive(stream, bytes.len());
        let arguments = [scope.number(stream.into()), scope.uint8_array(bytes)?];
        self.call(scope, &self.receive_chunk, arguments).map(drop)
    }

    /// A body has arrived.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn end(&self, scope: &mut Scope<'_>, stream: u32) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().arrived(stream);
        self.with_stream(scope, &self.receive_end, stream)
    }

    /// A body broke off.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn error(&self, scope: &mut Scope<'_>, stream: u32, message: &str) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().arrived(stream);
        self.with_text(scope, &self.receive_error, stream, message)
    }

    /// The host takes more of a body.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn credit(&self, scope: &mut Scope<'_>, stream: u32, bytes: u32) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().add_credit(stream, bytes);
        self.with_stream(scope, &self.receive_credit, stream)
    }

    /// A part of a WebSocket's message arrives.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn message(
        &self,
        scope: &mut Scope<'_>,
        stream: u32,
        last: bool,
        part: MessagePart<'_>,
    ) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().receive(stream, part.cost() as usize);
        let data = match part {
            MessagePart::Text(text) => scope.string(text)?,
            MessagePart::Binary(bytes) => scope.uint8_array(bytes)?,
        };
        let arguments = [
            scope.number(stream.into()),
            scope.boolean(last),
            data,
            scope.number(part.cost().into()),
        ];
        self.call(scope, &self.receive_message, arguments).map(drop)
    }

    /// A WebSocket is no more.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn closed(
        &self,
        scope: &mut Scope<'_>,
        stream: u32,
        end: SocketEnd,
        code: u16,
        reason: &str,
    ) -> Result<(), Throw> {
        let is_awaited = self.embedder.exchange.borrow_mut().closed(stream);
        let arguments = [
            scope.number(stream.into()),
            scope.number((end as u8).into()),
            scope.number(code.into()),
            scope.string(reason)?,
        ];
        let told = self.call(scope, &self.receive_closed, arguments).map(drop);
        if is_awaited {
            self.embedder.finish(stream);
        }
        told
    }

    /// A request is over for the host.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn abort(&self, scope: &mut Scope<'_>, stream: u32) -> Result<(), Throw> {
        self.embedder.exchange.borrow_mut().abort(stream);
        let told = self.with_stream(scope, &self.receive_abort, stream);
        // Whatever the tenant's code has made of it, it is over.
        self.embedder.finish(stream);
        told
    }

    /// A timer is due.
    ///
    /// # Errors
    ///
    /// Termination; out of memory. What the callback throws is reported, not returned.
    pub fn timer(&self, scope: &mut Scope<'_>, id: u32) -> Result<(), Throw> {
        self.with_stream(scope, &self.receive_timer, id)
    }

    /// Evaluates what next to every tenant needs for its first answer: for an isolate that waits for its tenant.
    ///
    /// # Errors
    ///
    /// [`Throw`], when memory is short.
    pub fn warm_up(&self, scope: &mut Scope<'_>) -> Result<(), Throw> {
        self.call(scope, &self.warm_up, []).map(drop)
    }

    /// The isolate is to go, for this reason. Returns whether the tenant's code asks for more time: until
    /// [`Host::request_done`] names stream 0.
    ///
    /// # Errors
    ///
    /// Termination; out of memory. What a listener throws is reported, not returned.
    pub fn farewell(&self, scope: &mut Scope<'_>, reason: &str) -> Result<bool, Throw> {
        let reason = scope.string(reason)?;
        let waits = self.call(scope, &self.receive_farewell, [reason])?;
        Ok(waits.as_bool() == Some(true))
    }

    /// Runs promise jobs and reports rejections that nobody handled.
    ///
    /// # Errors
    ///
    /// Termination.
    pub fn settle(&self, scope: &mut Scope<'_>) -> Result<(), Throw> {
        self.run_jobs(scope)?;
        self.embedder.turn.set(self.embedder.turn.get() + 1);
        loop {
            let rejections = scope.take_rejections();
            let handled = scope.take_late_handled();
            for (promise, context) in &handled {
                scope.restore_context(*context)?;
                self.call(scope, &self.receive_late_handler, [*promise])?;
            }
            if rejections.is_empty() && handled.is_empty() {
                return if scope.is_terminated() { Err(Throw::Pending) } else { Ok(()) };
            }
            for (promise, context) in rejections {
                // Listeners run for the request that was at work.
                scope.restore_context(context)?;
                let stream = scope.context_number();
                let reason = scope.promise_result(promise);
                let handled = self.call(scope, &self.receive_rejection, [promise, reason])?;
                if handled.as_bool() != Some(true) {
                    let mut info = scope.describe_error(reason);
                    let error = report(&mut info);
                    self.embedder.host.send(IsolateFrame::Exception { stream, error });
                }
            }
            self.run_jobs(scope)?;
        }
    }

    /// Runs promise jobs until there is none; what `process.nextTick` has goes before them.
    fn run_jobs(&self, scope: &mut Scope<'_>) -> Result<(), Throw> {
        loop {
            if self.embedder.ticks.take() {
                self.call(scope, &self.receive_ticks, [])?;
            }
            scope.run_jobs();
            if !self.embedder.ticks.get() {
                return Ok(());
            }
        }
    }

    /// The request that the subrequest on `stream` belongs to, 0 when that is over.
    pub fn parent_of(&self, stream: u32) -> u32 {
        self.embedder.exchange.borrow().parent_of(stream)
    }

    /// Whether nothing is expected from the host but new requests.
    pub fn is_idle(&self) -> bool {
        self.embedder.exchange.borrow().is_idle()
    }

    /// Nothing can happen any more: fails the requests that wait for something.
    ///
    /// # Errors
    ///
    /// Termination; out of memory.
    pub fn fail_unsettled(&self, scope: &mut Scope<'_>) -> Result<(), Throw> {
        self.call(scope, &self.receive_idle, []).map(drop)
    }

    fn with_stream(
        &self,
        scope: &mut Scope<'_>,
        function: &Persistent,
        stream: u32,
    ) -> Result<(), Throw> {
        let stream = scope.number(stream.into());
        self.call(scope, function, [stream]).map(drop)
    }

    fn with_text(
        &self,
        scope: &mut Scope<'_>,
        function: &Persistent,
        stream: u32,
        text: &str,
    ) -> Result<(), Throw> {
        let arguments = [scope.number(stream.into()), scope.string(text)?];
        self.call(scope, function, arguments).map(drop)
    }

    fn body<'s>(
        &self,
        scope: &mut Scope<'s>,
        stream: u32,
        body: Incoming<'_>,
    ) -> Result<Local<'s>, Throw> {
        match body {
            Incoming::None => Ok(scope.null()),
            Incoming::Whole(bytes) => scope.uint8_array(bytes),
            Incoming::Follows => {
                self.embedder.exchange.borrow_mut().begin_arriving(stream);
                Ok(scope.boolean(true))
            }
        }
    }

    fn call<'s, const N: usize>(
        &self,
        scope: &mut Scope<'s>,
        function: &Persistent,
        arguments: [Local<'_>; N],
    ) -> Result<Local<'s>, Throw> {
        let function = scope.local(function);
        let undefined = scope.undefined();
        scope.call(function, undefined, arguments)
    }
}

/// The namespace of the platform module at `path`, evaluated if it was not.
pub(crate) fn evaluate_platform_module<'s>(
    scope: &mut Scope<'s>,
    path: &str,
) -> Result<Local<'s>, Throw> {
    let name = module_name(path);
    let promise = scope.evaluate_module(&name)?;
    if scope.promise_state(promise) == Some(PromiseState::Rejected) {
        scope.mark_handled(promise)?;
        let reason = scope.promise_result(promise);
        return Err(scope.throw(reason));
    }
    scope.module_namespace(&name)
}
