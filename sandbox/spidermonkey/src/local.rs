use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Weak;

use mozjs::jsapi::{JSObject, Value};
use mozjs::rust::HandleValue;

use crate::state::State;

/// A JavaScript value, rooted for the lifetime `'s` of a scope.
///
/// What can be asked without a scope is what the value's bits say; everything else goes through
/// [`Scope`](crate::Scope).
#[derive(Clone, Copy)]
pub struct Local<'s> {
    /// A slot of the root table, or an argument slot of the native call in progress. Invariant:
    /// it holds a valid value, and while a scope of lifetime `'s` is in use the engine traces it.
    slot: NonNull<Value>,
    _scope: PhantomData<&'s ()>,
}

impl<'s> Local<'s> {
    /// # Safety
    ///
    /// `slot` holds a valid value for `'s`, and the engine traces it whenever it runs in `'s`.
    pub(crate) unsafe fn from_slot(slot: NonNull<Value>) -> Self {
        Self { slot, _scope: PhantomData }
    }

    /// The value's bits. They must not be kept across a call into the engine.
    pub(crate) fn bits(self) -> Value {
        // SAFETY: the type's invariant: the slot holds a valid value.
        unsafe { *self.slot.as_ptr() }
    }

    pub(crate) fn handle(self) -> HandleValue<'s> {
        // SAFETY: the type's invariant: the slot is traced for `'s`.
        unsafe { HandleValue::from_marked_location(self.slot.as_ptr()) }
    }

    pub(crate) fn raw(self) -> mozjs::jsapi::Handle<Value> {
        self.handle().into()
    }

    /// The object pointer, for immediate rooting or for calls that cannot collect.
    pub(crate) fn object_ptr(self) -> Option<NonNull<JSObject>> {
        let bits = self.bits();
        bits.is_object().then(|| NonNull::new(bits.to_object())).flatten()
    }

    /// Whether it is `undefined`.
    pub fn is_undefined(self) -> bool {
        self.bits().is_undefined()
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.bits().is_null()
    }

    /// Whether it is `undefined` or `null`.
    pub fn is_nullish(self) -> bool {
        self.bits().is_null_or_undefined()
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        self.bits().is_string()
    }

    /// Whether it is an object (functions and arrays are).
    pub fn is_object(self) -> bool {
        self.bits().is_object()
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        let bits = self.bits();
        bits.is_boolean().then(|| bits.to_boolean())
    }

    /// The number, if it is one.
    pub fn as_f64(self) -> Option<f64> {
        let bits = self.bits();
        bits.is_number().then(|| bits.to_number())
    }

    /// The number as an unsigned integer, if it is one and fits without rounding.
    pub fn as_u32(self) -> Option<u32> {
        let number = self.as_f64()?;
        let integer = number as u32;
        (f64::from(integer) == number).then_some(integer)
    }
}

/// The kind of value, never its contents: showing those could run tenant code.
impl fmt::Debug for Local<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.bits();
        f.write_str(match () {
            () if bits.is_undefined() => "Local(undefined)",
            () if bits.is_null() => "Local(null)",
            () if bits.is_boolean() => "Local(boolean)",
            () if bits.is_number() => "Local(number)",
            () if bits.is_string() => "Local(string)",
            () if bits.is_object() => "Local(object)",
            () => "Local(other)",
        })
    }
}

/// A JavaScript value that lives until this is dropped, or until its isolate is.
pub struct Persistent {
    /// Weak: a persistent that outlives its isolate is merely dead.
    state: Weak<State>,
    index: u32,
}

impl Persistent {
    pub(crate) fn new(state: Weak<State>, index: u32) -> Self {
        Self { state, index }
    }

    /// The kept value, if `state` is its isolate's.
    pub(crate) fn value_in(&self, state: &State) -> Option<Value> {
        std::ptr::eq(self.state.as_ptr(), state).then(|| state.roots().kept(self.index))
    }
}

impl Drop for Persistent {
    fn drop(&mut self) {
        if let Some(state) = self.state.upgrade() {
            state.roots().release(self.index);
        }
    }
}
