use std::ptr;

use mozjs::jsapi::js::ESClass;
use mozjs::jsapi::{
    CloneDataPolicy, GetArrayLength, GetBuiltinClass, GetPropertyKeys, JS_ReadStructuredClone,
    JS_STRUCTURED_CLONE_VERSION, JS_WriteStructuredClone, JSITER_OWNONLY,
    JSStructuredCloneCallbacks, StructuredCloneScope,
};
use mozjs::rooted;
use mozjs::rust::{IdVector, JSAutoStructuredCloneBufferWrapper};

use crate::exception::Throw;
use crate::local::Local;
use crate::object::check;
use crate::scope::Scope;

/// No platform object is cloneable by the engine: the platform handles its own.
static CALLBACKS: JSStructuredCloneCallbacks = JSStructuredCloneCallbacks {
    read: None,
    write: None,
    reportError: None,
    readTransfer: None,
    writeTransfer: None,
    freeTransfer: None,
    canTransfer: None,
    sabCloned: None,
};

/// What an object is made of, for whoever clones it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// Nothing but properties.
    Plain,
    /// An array.
    Array,
    /// An array with elements that has all of them, and no enumerable properties beside them.
    DenseArray,
    /// The object of a primitive value: `new Boolean`, `new Number`, `new String`, `Object(1n)`.
    Wrapper,
    /// A regular expression.
    RegExp,
    /// A buffer that is not shared.
    ArrayBuffer,
    /// A date.
    Date,
    /// A set.
    Set,
    /// A map.
    Map,
    /// An error.
    Error,
    /// Anything else, and every proxy.
    Other,
}

impl<'s> Scope<'s> {
    /// What `value` is made of; [`ObjectKind::Other`] for what is no object. Runs no tenant code.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn object_kind(&mut self, value: Local<'_>) -> Result<ObjectKind, Throw> {
        let Some(pointer) = value.object_ptr() else { return Ok(ObjectKind::Other) };
        let cx = self.cx();
        rooted!(in(cx) let object = pointer.as_ptr());
        let mut class = ESClass::Other;
        // SAFETY: the object is rooted; the class goes to a place of this function.
        unsafe { check(GetBuiltinClass(cx, object.handle().into(), &mut class))? };
        Ok(match class {
            ESClass::Object => ObjectKind::Plain,
            ESClass::Array if self.is_dense(value)? => ObjectKind::DenseArray,
            ESClass::Array => ObjectKind::Array,
            ESClass::Boolean | ESClass::Number | ESClass::String | ESClass::BigInt => {
                ObjectKind::Wrapper
            }
            ESClass::RegExp => ObjectKind::RegExp,
            ESClass::ArrayBuffer => ObjectKind::ArrayBuffer,
            ESClass::Date => ObjectKind::Date,
            ESClass::Set => ObjectKind::Set,
            ESClass::Map => ObjectKind::Map,
            ESClass::Error => ObjectKind::Error,
            _ => ObjectKind::Other,
        })
    }

    /// Whether the enumerable own properties of an array are its elements, each of them there.
    fn is_dense(&mut self, array: Local<'_>) -> Result<bool, Throw> {
        let Some(pointer) = array.object_ptr() else { return Ok(false) };
        let cx = self.cx();
        rooted!(in(cx) let object = pointer.as_ptr());
        let mut length = 0;
        // The list's head is small, and made by C++ that ends the process when it gets no memory.
        let mut keys = insula_memory::exempt(|| IdVector::new(&mut self.safe_cx()));
        // SAFETY: the object is rooted, and an array; the list of keys is rooted by its type.
        unsafe {
            check(GetArrayLength(cx, object.handle().into(), &mut length))?;
            check(GetPropertyKeys(cx, object.handle().into(), JSITER_OWNONLY, keys.handle_mut()))?;
        }
        // Elements come first and in order, so a last one in its place has all others before it.
        let last_in_place = match keys.last() {
            Some(id) => id.is_int() && id.to_int() as u32 == length.wrapping_sub(1),
            None => false,
        };
        Ok(keys.len() == length as usize && last_in_place)
    }

    /// Clones `value` within this isolate (HTML, "StructuredSerializeWithTransfer" and back).
    /// `transfer` is an array of objects to transfer, or `undefined`. Can run tenant code.
    ///
    /// # Errors
    ///
    /// What the engine throws for a value that cannot be cloned.
    pub fn structured_clone(
        &mut self,
        value: Local<'_>,
        transfer: Local<'_>,
    ) -> Result<Local<'s>, Throw> {
        let policy = CloneDataPolicy {
            allowIntraClusterClonableSharedObjects_: false,
            allowSharedMemoryObjects_: false,
        };
        let cx = self.cx();
        let (clone, out) = self.out();
        // SAFETY: the buffer and the callbacks outlive both calls; all values are rooted; the
        // data that is read is what the engine itself has written.
        unsafe {
            let scope = StructuredCloneScope::SameProcess;
            // As small, and as bad at getting no memory, as the head of a list of keys.
            let buffer = insula_memory::exempt(|| {
                JSAutoStructuredCloneBufferWrapper::new(scope, &CALLBACKS)
            });
            let data = &raw mut (*buffer.as_raw_ptr()).data_;
            check(JS_WriteStructuredClone(
                cx,
                value.raw(),
                data,
                scope,
                &policy,
                &CALLBACKS,
                ptr::null_mut(),
                transfer.raw(),
            ))?;
            check(JS_ReadStructuredClone(
                cx,
                data,
                JS_STRUCTURED_CLONE_VERSION,
                scope,
                out,
                &policy,
                &CALLBACKS,
                ptr::null_mut(),
            ))?;
        }
        Ok(clone)
    }
}
