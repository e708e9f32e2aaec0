use std::ptr::NonNull;

use mozjs::glue::JS_GetPromiseResult;
use mozjs::jsapi::{
    AddPromiseReactions, GetPromiseState, IsPromiseObject, JSObject, NewPromiseObject,
    PromiseState as RawPromiseState, RejectPromise, ResolvePromise, SetAnyPromiseIsHandled,
};
use mozjs::rooted;

use crate::exception::Throw;
use crate::local::Local;
use crate::object::{check, require_object};
use crate::scope::Scope;

/// What has become of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromiseState {
    /// Nothing yet.
    Pending,
    /// It was fulfilled.
    Fulfilled,
    /// It was rejected.
    Rejected,
}

impl<'s> Scope<'s> {
    /// A new pending promise.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn promise(&mut self) -> Result<Local<'s>, Throw> {
        let cx = self.cx();
        rooted!(in(cx) let executor = std::ptr::null_mut::<mozjs::jsapi::JSObject>());
        // SAFETY: the context is live; a null executor makes a promise without one.
        let promise = unsafe { NewPromiseObject(cx, executor.handle().into()) };
        self.root_new(promise)
    }

    /// The state of `value`, or `None` when it is not a promise.
    pub fn promise_state(&mut self, value: Local<'_>) -> Option<PromiseState> {
        let pointer = value.object_ptr()?;
        let cx = self.cx();
        rooted!(in(cx) let object = pointer.as_ptr());
        // SAFETY: the object is rooted, and is checked to be a promise first.
        unsafe {
            if !IsPromiseObject(object.handle().into()) {
                return None;
            }
            Some(match GetPromiseState(object.handle().into()) {
                RawPromiseState::Pending => PromiseState::Pending,
                RawPromiseState::Fulfilled => PromiseState::Fulfilled,
                RawPromiseState::Rejected => PromiseState::Rejected,
            })
        }
    }

    /// The value or reason of a settled promise; `undefined` for anything else.
    pub fn promise_result(&mut self, value: Local<'_>) -> Local<'s> {
        match self.promise_state(value) {
            None | Some(PromiseState::Pending) => self.undefined(),
            Some(_) => {
                let cx = self.cx();
                rooted!(in(cx) let object = value.bits().to_object());
                let (result, out) = self.out();
                // SAFETY: the object is a rooted, settled promise; the result slot is traced.
                unsafe { JS_GetPromiseResult(object.handle().into(), out) };
                result
            }
        }
    }

    /// Resolves a promise made by [`promise`](Self::promise).
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when it is no promise; out of memory.
    pub fn resolve(&mut self, promise: Local<'_>, value: Local<'_>) -> Result<(), Throw> {
        let pointer = self.require_promise(promise)?;
        let cx = self.cx();
        rooted!(in(cx) let object = pointer.as_ptr());
        // SAFETY: both are rooted, and the object is a promise.
        unsafe { check(ResolvePromise(cx, object.handle().into(), value.raw())) }
    }

    /// Rejects a promise made by [`promise`](Self::promise).
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when it is no promise; out of memory.
    pub fn reject(&mut self, promise: Local<'_>, reason: Local<'_>) -> Result<(), Throw> {
        let pointer = self.require_promise(promise)?;
        let cx = self.cx();
        rooted!(in(cx) let object = pointer.as_ptr());
        // SAFETY: both are rooted, and the object is a promise.
        unsafe { check(RejectPromise(cx, object.handle().into(), reason.raw())) }
    }

    /// The object of a promise; the engine takes what it is given for one unseen.
    fn require_promise(&mut self, value: Local<'_>) -> Result<NonNull<JSObject>, Throw> {
        if self.promise_state(value).is_none() {
            return Err(Throw::TypeError("it is not a promise".to_owned()));
        }
        require_object(value)
    }

    /// Calls one of two functions when a promise is settled, as `then` does, but makes no promise of what
    /// they return; what they throw is lost.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when one of the arguments is not an object; the engine's when `promise` is not a
    /// promise.
    pub fn react(
        &mut self,
        promise: Local<'_>,
        fulfilled: Local<'_>,
        rejected: Local<'_>,
    ) -> Result<(), Throw> {
        let cx = self.cx();
        rooted!(in(cx) let promise = require_object(promise)?.as_ptr());
        rooted!(in(cx) let fulfilled = require_object(fulfilled)?.as_ptr());
        rooted!(in(cx) let rejected = require_object(rejected)?.as_ptr());
        // SAFETY: all objects are rooted; the engine checks what they are.
        unsafe {
            check(AddPromiseReactions(
                cx,
                promise.handle().into(),
                fulfilled.handle().into(),
                rejected.handle().into(),
            ))
        }
    }

    /// Marks a promise as handled, so that its rejection is nobody's business.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn mark_handled(&mut self, promise: Local<'_>) -> Result<(), Throw> {
        if self.promise_state(promise).is_none() {
            return Ok(());
        }
        let cx = self.cx();
        rooted!(in(cx) let object = promise.bits().to_object());
        // SAFETY: the object is a rooted promise.
        unsafe { check(SetAnyPromiseIsHandled(cx, object.handle().into())) }
    }
}
