use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;

use mozjs::jsapi::{
    GetFunctionNativeReserved, JS_GetFunctionObject, JS_RequestInterruptCallback, JSContext,
    NewFunctionWithReserved, ReportUncatchableException, SetFunctionNativeReserved, Value,
};
use mozjs::jsval::{Int32Value, PrivateValue};
use mozjs::{JS_ARGV, JS_CALLEE};

use crate::exception::Throw;
use crate::local::Local;
use crate::natives::NativeEntry;
use crate::scope::Scope;
use crate::state::State;

/// A native function that JavaScript can call. A panic in it ends the isolate, not the process.
pub type Op = Rc<dyn for<'s> Fn(&mut Scope<'s>, Args<'s>) -> Result<Local<'s>, Throw>>;

/// The arguments of a native call.
#[derive(Clone, Copy)]
pub struct Args<'s> {
    first: NonNull<Value>,
    count: u32,
    missing: Local<'s>,
}

impl<'s> Args<'s> {
    /// The argument at `index`, `undefined` when there is none.
    pub fn get(self, index: u32) -> Local<'s> {
        if index >= self.count {
            return self.missing;
        }
        // SAFETY: the engine roots the argument slots of the native call for its duration, and
        // `'s` ends with the call; the index is in range.
        unsafe { Local::from_slot(self.first.add(index as usize)) }
    }

    /// How many arguments were passed.
    pub fn len(self) -> u32 {
        self.count
    }

    /// Whether none was passed.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }
}

/// The reserved slot of a native function object that holds the index of its op, or a `*const NativeEntry`.
const OP_SLOT: usize = 0;

impl<'s> Scope<'s> {
    /// A function object that calls `op`.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn function<F>(&mut self, name: &CStr, length: u32, op: F) -> Result<Local<'s>, Throw>
    where
        F: for<'a> Fn(&mut Scope<'a>, Args<'a>) -> Result<Local<'a>, Throw> + 'static,
    {
        let index = {
            let mut ops = self.state.ops.borrow_mut();
            ops.push(Rc::new(op));
            (ops.len() - 1) as i32
        };
        // SAFETY: `call_op` is what finds an op by its index.
        unsafe { self.function_calling(call_op, name, length, Int32Value(index)) }
    }

    /// A function object that calls a native function without state, for which nothing need be looked up.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub(crate) fn native(&mut self, entry: &'static NativeEntry) -> Result<Local<'s>, Throw> {
        let (name, length, _) = *entry;
        let slot = PrivateValue(std::ptr::from_ref(entry).cast());
        // SAFETY: `call_native` is what finds an entry behind such a pointer.
        unsafe { self.function_calling(call_native, name, length, slot) }
    }

    /// # Safety
    ///
    /// `slot` is what `callee` wants to find in [`OP_SLOT`].
    unsafe fn function_calling(
        &mut self,
        callee: unsafe extern "C" fn(*mut JSContext, u32, *mut Value) -> bool,
        name: &CStr,
        length: u32,
        slot: Value,
    ) -> Result<Local<'s>, Throw> {
        // SAFETY: the name ends in NUL and is copied; the function object is rooted before
        // anything else runs, and its reserved slot is set before anybody can call it.
        unsafe {
            let function =
                NewFunctionWithReserved(self.cx(), Some(callee), length, 0, name.as_ptr());
            if function.is_null() {
                return Err(Throw::Pending);
            }
            let object = JS_GetFunctionObject(function);
            SetFunctionNativeReserved(object, OP_SLOT, &slot);
            Ok(self.root_object(object))
        }
    }
}

/// What the engine calls for a function of [`Scope::function`].
///
/// # Safety
///
/// Only the engine calls it, with the context of the isolate and the frame of the call.
unsafe extern "C" fn call_op(cx: *mut JSContext, argc: u32, vp: *mut Value) -> bool {
    // SAFETY: the engine's native call convention, which the caller passes on; the function was made by
    // `Scope::function`, so its slot holds an index.
    unsafe {
        let index = (*GetFunctionNativeReserved(JS_CALLEE(cx, vp).to_object(), OP_SLOT)).to_int32();
        let op = State::of(cx).ops.borrow()[index as usize].clone();
        trampoline(cx, argc, vp, |scope, args| op(scope, args))
    }
}

/// What the engine calls for a function of [`Scope::native`].
///
/// # Safety
///
/// Only the engine calls it, with the context of the isolate and the frame of the call.
unsafe extern "C" fn call_native(cx: *mut JSContext, argc: u32, vp: *mut Value) -> bool {
    // SAFETY: the engine's native call convention, which the caller passes on; the function was made by
    // `Scope::native`, so its slot holds a pointer to something static.
    unsafe {
        let slot = GetFunctionNativeReserved(JS_CALLEE(cx, vp).to_object(), OP_SLOT);
        let (_, _, native) = *(*slot).to_private().cast::<NativeEntry>();
        trampoline(cx, argc, vp, native)
    }
}

/// # Safety
///
/// The engine has called a native function with these arguments.
unsafe fn trampoline(
    cx: *mut JSContext,
    argc: u32,
    vp: *mut Value,
    op: impl for<'a> FnOnce(&mut Scope<'a>, Args<'a>) -> Result<Local<'a>, Throw>,
) -> bool {
    // SAFETY: the engine's native call convention: `vp` is callee, this, then `argc` arguments, all rooted for
    // the call. It runs on the isolate's thread with its realm entered, and this scope ends before it returns.
    let (state, mut scope, first) = unsafe {
        let state = State::of(cx);
        (state, Scope::new(state), NonNull::new_unchecked(JS_ARGV(cx, vp)))
    };
    let missing = scope.undefined();
    let args = Args { first, count: argc, missing };
    guarded(state, || match op(&mut scope, args) {
        Ok(value) => {
            // SAFETY: the return value's place is the callee's, by convention.
            unsafe { *vp = value.bits() };
            true
        }
        Err(throw) => {
            scope.raise(&throw);
            false
        }
    })
}

/// What a callback of the engine does and answers; a panic in it may not reach the engine's frames. It
/// ends the isolate: the callback fails, and nothing catches that.
pub(crate) fn guarded(state: &State, callback: impl FnOnce() -> bool) -> bool {
    guarded_quietly(state, callback).unwrap_or_else(|| {
        // SAFETY: the context is live, and this thread's: one of its callbacks runs.
        unsafe { ReportUncatchableException(state.cx()) };
        false
    })
}

/// As [`guarded`], for a callback that cannot fail: the isolate ends at its next safe point.
pub(crate) fn guarded_quietly<R>(state: &State, callback: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(callback));
    if result.is_err() {
        log::error!("a callback of the engine panicked: a defect of Insula; the isolate ends");
        state.defect.set(true);
        state.terminated.set(true);
        // SAFETY: sets a flag in the live context.
        unsafe { JS_RequestInterruptCallback(state.cx()) };
    }
    result.ok()
}

impl Scope<'_> {
    /// Makes the exception that `throw` describes pending.
    pub(crate) fn raise(&mut self, throw: &Throw) {
        match throw {
            Throw::Pending => {}
            Throw::TypeError(message) => {
                mozjs::error::throw_type_error(&mut self.safe_cx(), &printable(message))
            }
            Throw::RangeError(message) => {
                mozjs::error::throw_range_error(&mut self.safe_cx(), &printable(message))
            }
        }
    }
}

fn printable(message: &str) -> std::ffi::CString {
    std::ffi::CString::new(message.replace('\0', "\u{fffd}")).unwrap_or_default()
}
