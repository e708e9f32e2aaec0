use std::any::Any;
use std::ptr::{self, NonNull};
use std::rc::Rc;

use insula_memory::Collecting;
use mozjs::glue::DeleteJobQueue;
use mozjs::jsapi::JS::{
    AddGCNurseryCollectionCallback, GCDescription, GCNurseryProgress, GCProgress,
    SetGCSliceCallback,
};
use mozjs::jsapi::{
    ContextOptionsRef, EnterRealm, GCOptions, GCReason, JS_AddInterruptCallback, JS_GetGCParameter,
    JS_NewGlobalObject, JS_RequestInterruptCallback, JS_RequestInterruptCallbackCanWait,
    JS_SetContextPrivate, JS_SetGCParameter, JS_SetNativeStackQuota, JSContext, JSGCParamKey,
    JobQueue, LeaveRealm, NonIncrementalGC, OnNewGlobalHookOption, PrepareForFullGC, Realm,
    SetOutOfMemoryCallback,
};
use mozjs::rust::{RealmOptions, Runtime, ThreadSafeJSContext};

use crate::engine::{EngineError, Seed};
use crate::global::GLOBAL_CLASS;
use crate::helpers;
use crate::roots::RegisteredRoots;
use crate::scope::Scope;
use crate::state::State;

/// How an isolate is set up.
#[derive(Debug, Clone, Copy)]
pub struct IsolateOptions {
    /// Bytes of collected heap before allocation fails.
    pub heap_bytes: u32,
    /// Bytes of nursery: short-lived objects live here, and the memory is never given back.
    pub nursery_bytes: u32,
    /// Bytes of native stack that JavaScript may use. The thread's own stack must be larger by
    /// at least 256 KiB.
    pub stack_bytes: usize,
}

impl Default for IsolateOptions {
    fn default() -> Self {
        Self { heap_bytes: 128 << 20, nursery_bytes: 1 << 20, stack_bytes: 768 << 10 }
    }
}

/// What becomes of an isolate that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterruptAction {
    /// It goes on.
    Continue,
    /// It stops, uncatchably, and runs no JavaScript any more.
    Terminate,
}

/// One runtime with one realm, bound to the thread that made it.
pub struct Isolate {
    /// The realm that was current before ours: none.
    previous_realm: *mut Realm,
    job_queue: NonNull<JobQueue>,
    /// Also in the context's private pointer. Emptied in `drop`, before the runtime goes.
    state: Option<Rc<State>>,
    runtime: Option<Runtime>,
}

/// Interrupts an isolate from another thread.
#[derive(Clone)]
pub struct InterruptHandle(ThreadSafeJSContext);

impl InterruptHandle {
    /// Makes the isolate's interrupt handler run as soon as JavaScript reaches a safe point.
    pub fn interrupt(&self) {
        self.0.request_interrupt_callback();
    }
}

/// Bytes of nursery that an isolate keeps while it idles.
const IDLE_NURSERY: u32 = 16 << 10;

impl Isolate {
    /// Makes a runtime and its realm on this thread.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoRealm`] when memory does not suffice.
    ///
    /// # Panics
    ///
    /// When this thread has an isolate already.
    pub fn new(seed: Seed, options: &IsolateOptions) -> Result<Self, EngineError> {
        // SAFETY: the parent outlives its children: `Seed` and `Runtime` count as children, and
        // dropping the parent while one lives panics.
        // What it writes of machine code it does not run.
        let mut runtime =
            insula_memory::write_code(|| unsafe { Runtime::create_with_parent(seed.0) });
        // SAFETY: the pointer is used while the runtime lives, on its thread.
        let cx = unsafe { NonNull::new_unchecked(runtime.cx().raw_cx()) };
        // SAFETY: the context is live; a fresh context has no traceable stack roots; `drop`
        // removes ours before the runtime.
        let roots = unsafe {
            configure(cx.as_ptr(), options);
            crate::policy::harden_context(cx.as_ptr());
            SetGCSliceCallback(cx.as_ptr(), Some(on_slice));
            AddGCNurseryCollectionCallback(cx.as_ptr(), Some(on_nursery), ptr::null_mut());
            insula_memory::listen(Some(ask_for_a_collection), cx.as_ptr().cast());
            RegisteredRoots::register(cx.as_ptr())
        };
        let state = Rc::new(State::new(cx, roots));
        let _ = state.weak.set(Rc::downgrade(&state));
        // SAFETY: the state outlives the context's use: `drop` clears both in order. The realm
        // is left in `drop`.
        let (job_queue, previous_realm) = unsafe {
            JS_SetContextPrivate(cx.as_ptr(), Rc::as_ptr(&state).cast_mut().cast());
            JS_AddInterruptCallback(cx.as_ptr(), Some(on_interrupt));
            SetOutOfMemoryCallback(cx.as_ptr(), Some(on_out_of_memory), ptr::null_mut());
            let job_queue = crate::jobs::install(cx.as_ptr());
            let Some(previous) = enter_new_realm(cx.as_ptr(), &state) else {
                insula_memory::listen(None, ptr::null_mut());
                DeleteJobQueue(job_queue.as_ptr().cast());
                drop(state);
                return Err(EngineError::NoRealm);
            };
            (job_queue, previous)
        };
        Ok(Self { previous_realm, job_queue, state: Some(state), runtime: Some(runtime) })
    }

    /// Lets new objects begin their life in the nursery. Until then they are made where they stay: what an
    /// isolate makes before its first work mostly lives as long as itself, and moving it costs more than
    /// making it.
    pub fn open_nursery(&mut self) {
        // SAFETY: the context is live and runs no JavaScript: `self` is borrowed mutably.
        unsafe { JS_SetGCParameter(self.state().cx(), JSGCParamKey::JSGC_NURSERY_ENABLED, 1) };
    }

    /// What ops find with [`Scope::embedder`]. Can be set once.
    ///
    /// # Panics
    ///
    /// When it was set before.
    pub fn set_embedder<T: Any>(&mut self, embedder: T) {
        let set = self.state().embedder.set(Box::new(embedder));
        assert!(set.is_ok(), "the embedder can be set only once");
    }

    /// What an interrupt does. Can be set once; until then an interrupt does nothing.
    ///
    /// # Panics
    ///
    /// When it was set before.
    pub fn on_interrupt(&mut self, handler: impl Fn() -> InterruptAction + 'static) {
        let set = self.state().interrupt.set(Box::new(handler));
        assert!(set.is_ok(), "the interrupt handler can be set only once");
    }

    /// For other threads.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.runtime.as_ref().expect("alive until drop").thread_safe_js_context())
    }

    /// Lets `work` use the isolate.
    pub fn enter<R>(&mut self, work: impl FnOnce(&mut Scope<'_>) -> R) -> R {
        // SAFETY: an isolate cannot leave its thread; the realm is entered since `new`; `self`
        // is borrowed until the scope ends.
        let mut scope = unsafe { Scope::new(self.state()) };
        work(&mut scope)
    }

    /// Whether an op panicked: a defect of Insula, for which the isolate was terminated.
    pub fn has_defect(&self) -> bool {
        self.state().defect.get()
    }

    /// Whether the isolate runs no JavaScript any more.
    pub fn is_terminated(&self) -> bool {
        self.state().terminated.get()
    }

    /// Collects everything that can be collected and gives memory back, but for the nursery: for an
    /// isolate that waits for its first work.
    pub fn shrink(&mut self) {
        let cx = self.state().cx();
        // SAFETY: the context is live and runs no JavaScript: `self` is borrowed mutably.
        unsafe {
            PrepareForFullGC(cx);
            NonIncrementalGC(cx, GCOptions::Shrink, GCReason::API);
        }
    }

    /// The same with the nursery, which the first collection afterwards brings back: for an isolate
    /// that is going to idle.
    pub fn shrink_to_idle(&mut self) {
        let cx = self.state().cx();
        let key = JSGCParamKey::JSGC_MIN_NURSERY_BYTES;
        // SAFETY: the context is live.
        let smallest = unsafe { JS_GetGCParameter(cx, key) };
        // A collection that shrinks takes the nursery down to its smallest size.
        // SAFETY: as above.
        unsafe { JS_SetGCParameter(cx, key, IDLE_NURSERY) };
        self.shrink();
        // SAFETY: as above.
        unsafe { JS_SetGCParameter(cx, key, smallest) };
    }

    /// Collects if the account that this thread is attached to comes near its limit, for code that has
    /// no safe points of its own. Whatever is alive then and too much counts as a failed allocation.
    pub fn relieve(&mut self) {
        // SAFETY: the context is live and runs nothing now.
        if unsafe { is_beyond_its_memory(self.state().cx()) } {
            self.state().out_of_memory.set(true);
        }
    }

    /// Whether an allocation has failed since the isolate was made.
    pub fn is_out_of_memory(&self) -> bool {
        self.state().out_of_memory.get()
    }

    /// Sets the bytes of collected heap before allocation fails.
    pub fn set_heap_limit(&mut self, bytes: u32) {
        // SAFETY: the context is live.
        unsafe { JS_SetGCParameter(self.state().cx(), JSGCParamKey::JSGC_MAX_BYTES, bytes) };
    }

    /// Collects now and at every `frequency`th allocation: for tests of rooting. Only a debug
    /// engine does so; another ignores it.
    #[cfg(feature = "debugmozjs")]
    pub fn set_gc_zeal(&mut self, mode: u8, frequency: u32) {
        // SAFETY: the context is live.
        unsafe { mozjs::jsapi::SetGCZeal(self.state().cx(), mode, frequency) };
    }

    pub(crate) fn state(&self) -> &State {
        self.state.as_ref().expect("alive until drop")
    }
}

impl Drop for Isolate {
    fn drop(&mut self) {
        insula_memory::listen(None, ptr::null_mut());
        let cx = self.state().cx();
        // SAFETY: the order that the engine wants: no JavaScript runs; values that the state
        // keeps go first, then the realm is left, the roots are unregistered (dropping the state
        // does that), the context is destroyed, and the queue that it pointed to is deleted.
        unsafe {
            self.state().rejections.borrow_mut().clear();
            self.state().runs.borrow_mut().clear();
            LeaveRealm(cx, self.previous_realm);
            if let Some(state) = self.state.take() {
                drop(Rc::into_inner(state).expect("nobody holds the state beyond a call"));
            }
            // No code is run any more; it is overwritten once. And what is left to collect is little, or nobody waits for it.
            insula_memory::write_last_code(|| {
                insula_memory::end_heap(|| helpers::alone(|| drop(self.runtime.take())));
            });
            DeleteJobQueue(self.job_queue.as_ptr().cast());
        }
    }
}

/// # Safety
///
/// `cx` is the live context of this thread.
unsafe fn configure(cx: *mut JSContext, options: &IsolateOptions) {
    // Room for trusted scripts, of which there are none, and for the engine's own code, each above
    // what the one before may use.
    const TRUSTED_STACK: usize = 4 << 10;
    const SYSTEM_STACK: usize = 64 << 10;
    // SAFETY: the caller's promise.
    unsafe {
        // A stack captured with every promise reaction costs more than the reaction.
        (*ContextOptionsRef(cx)).set_asyncStack_(false);
        JS_SetGCParameter(cx, JSGCParamKey::JSGC_MAX_BYTES, options.heap_bytes);
        JS_SetGCParameter(cx, JSGCParamKey::JSGC_MAX_NURSERY_BYTES, options.nursery_bytes);
        JS_SetGCParameter(cx, JSGCParamKey::JSGC_NURSERY_ENABLED, 0);
        // Otherwise a helper thread takes chunks in advance, which no isolate's account is charged for.
        JS_SetGCParameter(cx, JSGCParamKey::JSGC_MIN_EMPTY_CHUNK_COUNT, 0);
        JS_SetNativeStackQuota(
            cx,
            options.stack_bytes + TRUSTED_STACK + SYSTEM_STACK,
            options.stack_bytes + TRUSTED_STACK,
            options.stack_bytes,
        );
    }
}

/// Makes the global object and enters its realm. Returns the realm that was current before.
///
/// # Safety
///
/// `cx` is the live context of this thread and `state` its state.
unsafe fn enter_new_realm(cx: *mut JSContext, state: &State) -> Option<*mut Realm> {
    let mut options = RealmOptions::default();
    options.creationOptions_.sharedMemoryAndAtomics_ = false;
    options.creationOptions_.defineSharedArrayBufferConstructor_ = false;
    options.creationOptions_.toSource_ = false;
    crate::policy::freeze_clock(&mut options);
    // SAFETY: the class is static; the global is kept, and the realm keeps it too once entered.
    unsafe {
        let global = JS_NewGlobalObject(
            cx,
            &GLOBAL_CLASS,
            ptr::null_mut(),
            OnNewGlobalHookOption::FireOnNewGlobalHook,
            &*options,
        );
        if global.is_null() {
            return None;
        }
        state.roots().keep(mozjs::jsval::ObjectValue(global));
        Some(EnterRealm(cx, global))
    }
}

/// # Safety
///
/// Only the engine calls it, on the thread that collects.
unsafe extern "C" fn on_slice(_: *mut JSContext, progress: GCProgress, _: *const GCDescription) {
    match progress {
        GCProgress::GC_SLICE_BEGIN => insula_memory::collect(Collecting::Heap, true),
        GCProgress::GC_SLICE_END => insula_memory::collect(Collecting::Heap, false),
        GCProgress::GC_CYCLE_BEGIN | GCProgress::GC_CYCLE_END => {}
    }
}

/// # Safety
///
/// Only the engine calls it, on the thread that collects.
unsafe extern "C" fn on_nursery(
    _: *mut JSContext,
    progress: GCNurseryProgress,
    _: GCReason,
    _: *mut std::ffi::c_void,
) {
    let begins = progress == GCNurseryProgress::GC_NURSERY_COLLECTION_START;
    insula_memory::collect(Collecting::Nursery, begins);
}

/// Has the isolate interrupted at the next safe point, where it may collect. Called by the allocator.
fn ask_for_a_collection(cx: *mut std::ffi::c_void) {
    // SAFETY: the context is live, since `drop` ends the listening first, and of this thread, which
    // is the one that allocates. It sets flags.
    unsafe { JS_RequestInterruptCallbackCanWait(cx.cast()) };
}

/// Whether the isolate keeps more alive than it may.
///
/// # Safety
///
/// `cx` is the live context of this thread, at a point where it may collect.
unsafe fn is_beyond_its_memory(cx: *mut JSContext) -> bool {
    if !insula_memory::is_alarmed() {
        return false;
    }
    // A shrinking collection also gives up tables and machine code that the script will want again at
    // once, but it waits until what is swept in the background is free.
    for options in [GCOptions::Normal, GCOptions::Shrink] {
        // SAFETY: the caller's promise.
        unsafe {
            PrepareForFullGC(cx);
            NonIncrementalGC(cx, options, GCReason::API);
        }
        if !insula_memory::is_exhausted() && !insula_memory::is_short_of_code() {
            break;
        }
    }
    insula_memory::rearm();
    // If hardly anything was garbage, the next collection is as near as this one was.
    insula_memory::is_exhausted()
}

/// # Safety
///
/// Only the engine calls it, with the context of the isolate.
unsafe extern "C" fn on_out_of_memory(cx: *mut JSContext, _: *mut std::ffi::c_void) {
    // SAFETY: the context is the isolate's.
    unsafe { State::of(cx) }.out_of_memory.set(true);
}

/// # Safety
///
/// Only the engine calls it, with the context of the isolate.
unsafe extern "C" fn on_interrupt(cx: *mut JSContext) -> bool {
    // SAFETY: the context is the isolate's.
    let state = unsafe { State::of(cx) };
    // SAFETY: the engine interrupts where it may collect.
    if !state.terminated.get() && unsafe { is_beyond_its_memory(cx) } {
        state.out_of_memory.set(true);
        state.terminated.set(true);
    }
    if !state.terminated.get() {
        let action = state.interrupt.get().map_or(InterruptAction::Continue, |handler| handler());
        if action == InterruptAction::Continue {
            return true;
        }
        state.terminated.set(true);
    }
    // The flag is cleared when the callback runs; set again, it stops `finally` blocks and jobs.
    // SAFETY: sets a flag in the live context.
    unsafe { JS_RequestInterruptCallback(cx) };
    false
}
