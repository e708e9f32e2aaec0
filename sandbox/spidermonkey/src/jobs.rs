//! Promise jobs, and the context that follows a request through them.
//!
//! The engine keeps the queue of jobs; this module runs them. Running a job makes the *context
//! object* current that was current when the job was made, so code after an `await` runs in the
//! context of the request that awaited. (HTML, "HostMakeJobCallback", does the same with its
//! incumbent settings object.) Where a job's context is kept depends on its promise:
//!
//! - pending when the reaction was added: with the reaction, by the engine, which asks
//!   [`host_defined_data`] for it;
//! - settled already, or no promise at all ([`Scope::queue_job`]): the job is queued at once and nothing is
//!   stored with it. The queue is first in, first out, so it is enough to remember how many jobs were queued under which context: a
//!   [`Run`] is noted whenever the context changes.

use std::ptr::{self, NonNull};

use mozjs::glue::{CreateJobQueue, JS_DequeueNextMicroTask, JS_GetReservedSlot, JobQueueTraps};
use mozjs::jsapi::{
    ClearKeptObjects, CurrentGlobalOrNull, EnqueueMicroTask, GetPromiseID,
    GetRegularMicroTaskCount, HandleObject, IsJSMicroTask, JS_ClearPendingException,
    JS_NewObjectWithGivenProto, JS_SetReservedSlot, JSCLASS_RESERVED_SLOTS_SHIFT, JSClass,
    JSContext, JSObject, JSTracer, MaybeGetHostDefinedDataFromJSMicroTask, MutableHandle,
    PromiseRejectionHandlingState, RunJSMicroTask, SetJobQueue, SetPromiseRejectionTrackerCallback,
    ToMaybeWrappedJSMicroTask, Value,
};
use mozjs::jsval::{Int32Value, ObjectValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::get_object_class;

use crate::exception::Throw;
use crate::function::guarded_quietly;
use crate::local::{Local, Persistent};
use crate::object::require_object;
use crate::scope::Scope;
use crate::state::State;

/// The reserved slot of a context object that holds its number.
const NUMBER_SLOT: u32 = 0;
/// The reserved slot of a context object that holds the embedder's value.
const DATA_SLOT: u32 = 1;

static CONTEXT_CLASS: JSClass = JSClass {
    name: c"Context".as_ptr(),
    flags: 2 << JSCLASS_RESERVED_SLOTS_SHIFT,
    cOps: ptr::null(),
    spec: ptr::null(),
    ext: ptr::null(),
    oOps: ptr::null(),
};

static TRAPS: JobQueueTraps = JobQueueTraps {
    getHostDefinedData: Some(host_defined_data),
    getHostDefinedGlobal: Some(host_defined_global),
    runJobs: Some(run_jobs_for_debugger),
    traceNonGCThingMicroTask: Some(trace_nothing),
};

/// Jobs in a row in the engine's queue that were made under one context.
pub(crate) struct Run {
    /// `None` for no context.
    context: Option<Persistent>,
    jobs: usize,
}

impl Run {
    fn context_in(&self, state: &State) -> Value {
        let kept = self.context.as_ref().and_then(|kept| kept.value_in(state));
        kept.unwrap_or_else(UndefinedValue)
    }
}

/// Makes this module the job queue of a context.
///
/// # Safety
///
/// `cx` is live, its private pointer is a [`State`], and the caller deletes the queue after the
/// context is gone.
pub(crate) unsafe fn install(cx: *mut JSContext) -> NonNull<mozjs::jsapi::JobQueue> {
    // SAFETY: the traps are static; the callbacks find their state through the context.
    unsafe {
        let queue = CreateJobQueue(&TRAPS).cast::<mozjs::jsapi::JobQueue>();
        SetJobQueue(cx, queue);
        SetPromiseRejectionTrackerCallback(cx, Some(track_rejection), ptr::null_mut());
        NonNull::new(queue).expect("the C++ allocator aborts when it has no memory")
    }
}

impl<'s> Scope<'s> {
    /// Runs promise jobs until there is none, or the isolate is terminated.
    pub fn run_jobs(&mut self) {
        while !self.is_terminated() && self.nested().run_one_job() {}
        // SAFETY: the context is live and runs no JavaScript now.
        unsafe { ClearKeptObjects(self.cx()) };
        self.set_context(None);
        // A context must not be kept alive by jobs that are over.
        let mut runs = self.state.runs.borrow_mut();
        if runs.iter().all(|run| run.jobs == 0) {
            runs.clear();
        }
    }

    /// Notes the jobs that were queued since the last call as made under the current context.
    fn attribute_new_jobs(&mut self) {
        // SAFETY: the context is live; the call only counts.
        let queued = unsafe { GetRegularMicroTaskCount(self.cx()) };
        let known = self.state.queued.get();
        if queued <= known {
            return;
        }
        self.state.queued.set(queued);
        let jobs = queued - known;
        let current = self.state.roots().kept(self.state.context_slot);
        if let Some(last) = self.state.runs.borrow_mut().back_mut()
            && last.context_in(self.state).asBits_ == current.asBits_
        {
            last.jobs += jobs;
            return;
        }
        let mut scope = self.nested();
        let current = scope.root(current);
        let context = current.is_object().then(|| scope.persist(current));
        scope.state.runs.borrow_mut().push_back(Run { context, jobs });
    }

    /// Takes note that a job leaves the queue. Returns the context that it was made under.
    fn context_of_next_job(&mut self) -> Value {
        self.attribute_new_jobs();
        self.state.queued.set(self.state.queued.get().saturating_sub(1));
        let mut runs = self.state.runs.borrow_mut();
        // The last run stays when it is over: the next one is most often under the same context.
        while runs.len() > 1 && runs.front().is_some_and(|run| run.jobs == 0) {
            runs.pop_front();
        }
        let Some(run) = runs.front_mut() else { return UndefinedValue() };
        run.jobs = run.jobs.saturating_sub(1);
        run.context_in(self.state)
    }

    /// Runs the next job. Returns whether there was one.
    fn run_one_job(&mut self) -> bool {
        let cx = self.cx();
        rooted!(in(cx) let mut task = UndefinedValue());
        rooted!(in(cx) let mut job = ptr::null_mut::<JSObject>());
        rooted!(in(cx) let mut global = ptr::null_mut::<JSObject>());
        rooted!(in(cx) let mut data = ptr::null_mut::<JSObject>());
        rooted!(in(cx) let queued_under = self.context_of_next_job());
        // SAFETY: everything that the engine returns goes to rooted places; the job runs in the
        // isolate's only realm, which is entered.
        unsafe {
            JS_DequeueNextMicroTask(cx, task.handle_mut().into());
            let task_value = task.get();
            if task_value.is_null() {
                return false;
            }
            if !IsJSMicroTask(&task_value) {
                self.set_context_bits(queued_under.get());
                let function = self.root(task_value);
                let receiver = self.undefined();
                if self.call(function, receiver, []).is_err() {
                    JS_ClearPendingException(cx);
                }
                return true;
            }
            job.set(ToMaybeWrappedJSMicroTask(&task_value));
            if job.get().is_null() {
                return true;
            }
            if !MaybeGetHostDefinedDataFromJSMicroTask(
                job.get(),
                global.handle_mut().into(),
                data.handle_mut().into(),
            ) {
                data.set(ptr::null_mut());
            }
            let context = data.get();
            self.set_context_bits(if context.is_null() {
                queued_under.get()
            } else {
                ObjectValue(context)
            });
            if !RunJSMicroTask(cx, job.handle().into()) {
                // A job that throws has nobody to tell; promise reactions do not throw.
                JS_ClearPendingException(cx);
            }
        }
        true
    }

    /// Queues a call of `function` under the current context, as the reaction to a settled promise would be
    /// queued; it needs no promise. What the function returns or throws is lost.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when it is not an object; out of memory.
    pub fn queue_job(&mut self, function: Local<'_>) -> Result<(), Throw> {
        require_object(function)?;
        // SAFETY: the context is live; the queue traces what it holds, and `run_one_job` calls it.
        let queued = unsafe { EnqueueMicroTask(self.cx(), &function.bits()) };
        if queued { Ok(()) } else { Err(Throw::Pending) }
    }

    /// As [`queue_job`](Self::queue_job), under a context that was current before, or `undefined` for none.
    ///
    /// # Errors
    ///
    /// As [`queue_job`](Self::queue_job); [`Throw::TypeError`] when `context` is neither.
    pub fn queue_job_under(
        &mut self,
        context: Local<'_>,
        function: Local<'_>,
    ) -> Result<(), Throw> {
        let current = self.state.roots().kept(self.state.context_slot);
        if context.bits().asBits_ == current.asBits_ {
            return self.queue_job(function);
        }
        let mut scope = self.nested();
        let current = scope.root(current);
        scope.restore_context(context)?;
        let queued = scope.queue_job(function);
        scope.set_context_bits(current.bits());
        queued
    }

    /// A context object with this number.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn context(&mut self, number: u32) -> Result<Local<'s>, Throw> {
        let cx = self.cx();
        rooted!(in(cx) let proto = ptr::null_mut::<JSObject>());
        // SAFETY: the class is static; the slot exists by its flags.
        unsafe {
            let object = JS_NewObjectWithGivenProto(cx, &CONTEXT_CLASS, proto.handle().into());
            if object.is_null() {
                return Err(Throw::Pending);
            }
            JS_SetReservedSlot(object, NUMBER_SLOT, &Int32Value(number as i32));
            Ok(self.root_object(object))
        }
    }

    /// Makes a context object current: jobs made from now on carry it.
    pub fn set_context(&mut self, context: Option<Local<'_>>) {
        self.set_context_bits(context.map_or_else(UndefinedValue, Local::bits));
    }

    /// Makes `context` current: a context object, or `undefined` for none.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when it is neither.
    pub fn restore_context(&mut self, context: Local<'_>) -> Result<(), Throw> {
        if !context.is_undefined() {
            require_context(context)?;
        }
        self.set_context_bits(context.bits());
        Ok(())
    }

    /// The current context object, `undefined` when there is none.
    pub fn current_context(&mut self) -> Local<'s> {
        let bits = self.state.roots().kept(self.state.context_slot);
        self.root(bits)
    }

    /// The number of the current context, 0 when there is none.
    pub fn context_number(&self) -> u32 {
        context_number(self.state)
    }

    /// The embedder's value in the current context, `undefined` when there is none.
    pub fn context_data(&mut self) -> Local<'s> {
        let mut value = UndefinedValue();
        let bits = self.state.roots().kept(self.state.context_slot);
        if bits.is_object() {
            // SAFETY: only context objects are kept in the context slot, and they have this slot.
            unsafe { JS_GetReservedSlot(bits.to_object(), DATA_SLOT, &mut value) };
        }
        self.root(value)
    }

    /// Makes a context current that differs from the one that was in the embedder's value alone.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn replace_context_data(&mut self, data: Local<'_>) -> Result<(), Throw> {
        let number = self.context_number();
        if number == 0 && data.is_undefined() {
            self.set_context(None);
            return Ok(());
        }
        let mut scope = self.nested();
        let context = scope.context(number)?;
        let object = require_context(context)?;
        // SAFETY: the object is a live context object, so the slot exists.
        unsafe { JS_SetReservedSlot(object.as_ptr(), DATA_SLOT, &data.bits()) };
        scope.set_context(Some(context));
        Ok(())
    }

    /// Takes the promises that were rejected and that nobody has handled since, each with the
    /// context that it was rejected in.
    pub fn take_rejections(&mut self) -> Vec<(Local<'s>, Local<'s>)> {
        let rejections = std::mem::take(&mut *self.state.rejections.borrow_mut());
        let taken = rejections.into_values();
        taken.map(|(promise, context)| (self.local(&promise), self.local(&context))).collect()
    }

    /// Takes the promises that got a handler after [`take_rejections`](Self::take_rejections) had named
    /// them, each with the context that it got it in.
    pub fn take_late_handled(&mut self) -> Vec<(Local<'s>, Local<'s>)> {
        let handled = std::mem::take(&mut *self.state.late_handled.borrow_mut());
        let taken = handled.into_iter();
        taken.map(|(promise, context)| (self.local(&promise), self.local(&context))).collect()
    }

    fn set_context_bits(&mut self, bits: Value) {
        self.attribute_new_jobs();
        self.state.roots().replace(self.state.context_slot, bits);
    }
}

fn require_context(value: Local<'_>) -> Result<NonNull<JSObject>, Throw> {
    let object = require_object(value)?;
    // SAFETY: the object is rooted by `value`; its class pointer is read without collecting.
    if unsafe { ptr::eq(get_object_class(object.as_ptr()), &CONTEXT_CLASS) } {
        Ok(object)
    } else {
        Err(Throw::TypeError("a context object is required".into()))
    }
}

fn context_number(state: &State) -> u32 {
    let bits = state.roots().kept(state.context_slot);
    if !bits.is_object() {
        return 0;
    }
    let mut number = UndefinedValue();
    // SAFETY: only context objects are kept in the context slot.
    unsafe { JS_GetReservedSlot(bits.to_object(), NUMBER_SLOT, &mut number) };
    if number.is_int32() { number.to_int32() as u32 } else { 0 }
}

/// # Safety
///
/// Only the engine calls it, when a job callback is made.
unsafe extern "C" fn host_defined_data(
    cx: *mut JSContext,
    global: MutableHandle<*mut JSObject>,
    data: MutableHandle<*mut JSObject>,
) -> bool {
    // SAFETY: the context is the isolate's; the handles are rooted places of the engine.
    unsafe {
        let state = State::of(cx);
        let context = state.roots().kept(state.context_slot);
        let (global_value, data_value) = if context.is_object() {
            (CurrentGlobalOrNull(cx), context.to_object())
        } else {
            (ptr::null_mut(), ptr::null_mut())
        };
        *global.ptr = global_value;
        *data.ptr = data_value;
    }
    true
}

/// # Safety
///
/// Only the engine calls it.
unsafe extern "C" fn host_defined_global(
    cx: *mut JSContext,
    out: MutableHandle<*mut JSObject>,
) -> bool {
    // SAFETY: the handle is a rooted place of the engine.
    unsafe { *out.ptr = CurrentGlobalOrNull(cx) };
    true
}

/// # Safety
///
/// Only the engine's debugger calls it, which is not in use here.
unsafe extern "C" fn run_jobs_for_debugger(_: *mut JSContext) {}

/// # Safety
///
/// Only the engine calls it; no job of this crate is anything but a collected thing.
unsafe extern "C" fn trace_nothing(_: *mut JSTracer, _: *mut Value) {}

/// # Safety
///
/// Only the engine calls it, with the context of the isolate.
unsafe extern "C" fn track_rejection(
    cx: *mut JSContext,
    _muted_errors: bool,
    promise: HandleObject,
    handling: PromiseRejectionHandlingState,
    _data: *mut std::ffi::c_void,
) {
    // SAFETY: the context is the isolate's.
    let state = unsafe { State::of(cx) };
    // SAFETY: the engine hands over a rooted promise; the number is kept in a slot of it.
    let (number, promise) = unsafe { (GetPromiseID(promise), ObjectValue(*promise.ptr)) };
    guarded_quietly(state, || note_rejection(state, number, promise, handling));
}

fn note_rejection(
    state: &State,
    number: u64,
    promise: Value,
    handling: PromiseRejectionHandlingState,
) {
    let Some(weak) = state.weak.get() else { return };
    let keep = |value| Persistent::new(weak.clone(), state.roots().keep(value));
    let context = state.roots().kept(state.context_slot);
    let mut rejections = state.rejections.borrow_mut();
    match handling {
        PromiseRejectionHandlingState::Unhandled => {
            rejections.insert(number, (keep(promise), keep(context)));
        }
        PromiseRejectionHandlingState::Handled => {
            if rejections.remove(&number).is_none() {
                state.late_handled.borrow_mut().push((keep(promise), keep(context)));
            }
        }
    }
}
