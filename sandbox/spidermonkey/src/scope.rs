use std::any::Any;
use std::marker::PhantomData;
use std::ptr::NonNull;

use mozjs::jsapi::{
    CurrentGlobalOrNull, JS_CheckForInterrupt, JSContext, JSObject, MutableHandle, Value,
};
use mozjs::jsval::{
    BooleanValue, DoubleValue, Int32Value, NullValue, ObjectValue, StringValue, UndefinedValue,
};

use crate::exception::Throw;
use crate::local::{Local, Persistent};
use crate::state::State;

/// The token through which JavaScript values are made and the engine is called.
///
/// Values made by a scope are freed when it ends. Invariant in `'s`, so that values of one scope
/// cannot be passed off as another's.
pub struct Scope<'s> {
    pub(crate) state: &'s State,
    mark: usize,
    _invariant: PhantomData<fn(&'s ()) -> &'s ()>,
}

impl<'s> Scope<'s> {
    /// # Safety
    ///
    /// The calling thread is the isolate's, its realm is entered, and scopes end in the reverse
    /// order of their making.
    pub(crate) unsafe fn new(state: &'s State) -> Self {
        Self { state, mark: state.roots().depth(), _invariant: PhantomData }
    }

    /// A scope within this one: for loops, so that their values do not pile up.
    pub fn nested(&mut self) -> Scope<'_> {
        // SAFETY: `self` proves thread and realm, and is borrowed until the new scope ends.
        unsafe { Scope::new(self.state) }
    }

    /// `undefined`.
    pub fn undefined(&mut self) -> Local<'s> {
        // SAFETY: the slot lives as long as the isolate, and what it holds needs no tracing.
        unsafe { Local::from_slot(self.state.roots().undefined()) }
    }

    /// `null`.
    pub fn null(&mut self) -> Local<'s> {
        self.root(NullValue())
    }

    /// A boolean.
    pub fn boolean(&mut self, value: bool) -> Local<'s> {
        self.root(BooleanValue(value))
    }

    /// A number.
    pub fn number(&mut self, value: f64) -> Local<'s> {
        let integer = value as i32;
        if f64::from(integer) == value && (integer != 0 || value.is_sign_positive()) {
            return self.root(Int32Value(integer));
        }
        // The engine's value encoding uses the other NaNs for tags.
        self.root(DoubleValue(if value.is_nan() { f64::NAN } else { value }))
    }

    /// The global object.
    pub fn global(&mut self) -> Local<'s> {
        // SAFETY: the realm is entered for as long as a scope exists, so there is a global.
        let global = unsafe { CurrentGlobalOrNull(self.cx()) };
        self.root_object(global)
    }

    /// Keeps `value` beyond this scope.
    pub fn persist(&mut self, value: Local<'_>) -> Persistent {
        let weak = self.state.weak.get().expect("set when the isolate was made").clone();
        Persistent::new(weak, self.state.roots().keep(value.bits()))
    }

    /// The value that `persistent` keeps.
    ///
    /// # Panics
    ///
    /// When it belongs to another isolate: a defect of the caller.
    pub fn local(&mut self, persistent: &Persistent) -> Local<'s> {
        let value = persistent.value_in(self.state).expect("a persistent of another isolate");
        self.root(value)
    }

    /// What [`Isolate::set_embedder`](crate::Isolate::set_embedder) was given.
    ///
    /// # Panics
    ///
    /// When there is none, or it has another type: a defect of the caller.
    pub fn embedder<T: Any>(&self) -> &'s T {
        let embedder = self.state.embedder.get().expect("the embedder is set before ops run");
        embedder.downcast_ref().expect("an isolate has one type of embedder")
    }

    /// Whether an interrupt has ended this isolate: no call into it succeeds any more.
    pub fn is_terminated(&self) -> bool {
        self.state.terminated.get()
    }

    /// Whether an allocation has failed since the isolate was made.
    pub fn is_out_of_memory(&self) -> bool {
        self.state.out_of_memory.get()
    }

    /// For ops that compute for long: lets an interrupt that was asked for happen now, between two pieces
    /// of work. No JavaScript runs in it.
    ///
    /// # Errors
    ///
    /// The interrupt ends the isolate: the op must return this.
    pub fn check_interrupt(&mut self) -> Result<(), Throw> {
        // SAFETY: the context is live and its realm entered; the handler may collect, and what this
        // scope holds is rooted.
        if unsafe { JS_CheckForInterrupt(self.cx()) } { Ok(()) } else { Err(Throw::Pending) }
    }

    /// Makes every call from now on fail: for an embedder that found out that the isolate must
    /// end, outside an interrupt.
    pub fn terminate(&mut self) {
        self.state.terminated.set(true);
        // SAFETY: sets a flag in the live context.
        unsafe { mozjs::jsapi::JS_RequestInterruptCallback(self.cx()) };
    }

    pub(crate) fn cx(&self) -> *mut JSContext {
        self.state.cx()
    }

    pub(crate) fn safe_cx(&mut self) -> mozjs::context::JSContext {
        // SAFETY: the context is live; `self` is borrowed mutably by whoever uses the result in
        // the same statement, so no second one is in use.
        unsafe { mozjs::context::JSContext::from_ptr(self.state.cx) }
    }

    /// Roots bits that the engine has just returned.
    pub(crate) fn root(&mut self, value: Value) -> Local<'s> {
        let slot = self.state.roots().push(value);
        // SAFETY: the slot is traced until this scope ends, and `'s` ends with it.
        unsafe { Local::from_slot(slot) }
    }

    pub(crate) fn root_object(&mut self, object: *mut JSObject) -> Local<'s> {
        self.root(if object.is_null() { NullValue() } else { ObjectValue(object) })
    }

    pub(crate) fn root_string(&mut self, string: NonNull<mozjs::jsapi::JSString>) -> Local<'s> {
        // SAFETY: the engine has just returned this string and nothing ran since.
        self.root(StringValue(unsafe { string.as_ref() }))
    }

    /// A rooted place for the engine to return a value in.
    pub(crate) fn out(&mut self) -> (Local<'s>, MutableHandle<Value>) {
        let slot = self.state.roots().push(UndefinedValue());
        // SAFETY: the slot is traced until this scope ends; only the engine writes to it, during
        // the call that the handle is made for.
        unsafe { (Local::from_slot(slot), MutableHandle::from_marked_location(slot.as_ptr())) }
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.state.roots().pop_to(self.mark);
    }
}
