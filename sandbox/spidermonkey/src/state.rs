use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::ptr::NonNull;
use std::rc::Weak;

use mozjs::jsapi::{JS_GetContextPrivate, JSContext};
use mozjs::jsval::UndefinedValue;

use crate::function::Op;
use crate::global::LazyGlobals;
use crate::isolate::InterruptAction;
use crate::jobs::Run;
use crate::local::Persistent;
use crate::module::Modules;
use crate::roots::{RegisteredRoots, RootTable};

/// What one isolate's binding remembers. Reached from the engine's callbacks through the
/// context's private pointer.
pub(crate) struct State {
    /// The context of the thread that this state belongs to. Valid until the runtime is dropped,
    /// which happens after the last use of the state.
    pub(crate) cx: NonNull<JSContext>,
    roots: RegisteredRoots,
    /// The functions behind native function objects, by index. Grows only.
    pub(crate) ops: RefCell<Vec<Op>>,
    pub(crate) modules: Modules,
    /// What the embedder wants its ops to find.
    pub(crate) embedder: OnceCell<Box<dyn Any>>,
    pub(crate) lazy_globals: OnceCell<LazyGlobals>,
    /// Whether the constructor of buffers was looked at.
    pub(crate) buffers_announced: Cell<bool>,
    pub(crate) interrupt: OnceCell<Box<dyn Fn() -> InterruptAction>>,
    /// Set once an interrupt has ended the isolate: no JavaScript may run any more.
    pub(crate) terminated: Cell<bool>,
    /// What `Date` shows, in microseconds since the epoch; `None` for the real time.
    pub(crate) time: Cell<Option<f64>>,
    /// Whether WebAssembly may be compiled from bytes now.
    pub(crate) wasm_allowed: Cell<bool>,
    /// Set when an allocation failed.
    pub(crate) out_of_memory: Cell<bool>,
    /// Set when an op panicked: a defect of Insula, for which the isolate has to go.
    pub(crate) defect: Cell<bool>,
    /// The kept slot that holds the context object of the turn or job in progress; see
    /// [`crate::jobs`].
    pub(crate) context_slot: u32,
    /// Jobs in the engine's queue that `runs` accounts for.
    pub(crate) queued: Cell<usize>,
    /// Under which contexts the queued jobs were made, in queue order.
    pub(crate) runs: RefCell<VecDeque<Run>>,
    /// Promises that were rejected without a handler, with the context they were rejected in, by the
    /// numbers that the engine gives them; these grow, so the first that was rejected is first.
    pub(crate) rejections: RefCell<BTreeMap<u64, (Persistent, Persistent)>>,
    /// Promises that got a handler after they had been taken from `rejections`.
    pub(crate) late_handled: RefCell<Vec<(Persistent, Persistent)>>,
    /// For persistents, which may outlive the isolate.
    pub(crate) weak: OnceCell<Weak<State>>,
}

impl State {
    pub(crate) fn new(cx: NonNull<JSContext>, roots: RegisteredRoots) -> Self {
        let context_slot = roots.table().keep(UndefinedValue());
        Self {
            cx,
            roots,
            ops: RefCell::default(),
            modules: Modules::default(),
            embedder: OnceCell::new(),
            lazy_globals: OnceCell::new(),
            buffers_announced: Cell::new(false),
            interrupt: OnceCell::new(),
            terminated: Cell::new(false),
            time: Cell::new(None),
            wasm_allowed: Cell::new(false),
            out_of_memory: Cell::new(false),
            defect: Cell::new(false),
            context_slot,
            queued: Cell::new(0),
            runs: RefCell::default(),
            rejections: RefCell::default(),
            late_handled: RefCell::default(),
            weak: OnceCell::new(),
        }
    }

    pub(crate) fn cx(&self) -> *mut JSContext {
        self.cx.as_ptr()
    }

    pub(crate) fn roots(&self) -> &RootTable {
        self.roots.table()
    }

    /// The state behind a context that calls back.
    ///
    /// # Safety
    ///
    /// `cx` is a context whose private pointer [`crate::Isolate`] has set, and its isolate
    /// outlives `'a`: true for the time of any callback.
    pub(crate) unsafe fn of<'a>(cx: *mut JSContext) -> &'a State {
        // SAFETY: the caller's promise.
        unsafe { &*JS_GetContextPrivate(cx).cast::<State>() }
    }
}
