use std::ffi::CStr;
use std::ptr::NonNull;

use mozjs::gc::ValueArray;
use mozjs::jsapi::{
    Call, Construct1, GetArrayLength, HandleValueArray, IsArrayObject, IsCallable,
    JS_DefineElement, JS_DefineProperty, JS_DeleteProperty1, JS_GetElement, JS_GetProperty,
    JS_NewPlainObject, JS_SetProperty, JSObject, JSPROP_ENUMERATE, NewArrayObject1,
};
use mozjs::rooted;
use mozjs::rust::{ToString, get_object_class};

use crate::exception::Throw;
use crate::local::Local;
use crate::scope::Scope;

/// The engine's classes of errors: one for each constructor.
const ERROR_CLASSES: [&str; 13] = [
    "Error",
    "InternalError",
    "AggregateError",
    "EvalError",
    "RangeError",
    "ReferenceError",
    "SuppressedError",
    "SyntaxError",
    "TypeError",
    "URIError",
    "CompileError",
    "LinkError",
    "RuntimeError",
];

impl<'s> Scope<'s> {
    /// A new plain object.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn object(&mut self) -> Result<Local<'s>, Throw> {
        // SAFETY: the context is live and a realm is entered.
        let object = unsafe { JS_NewPlainObject(self.cx()) };
        self.root_new(object)
    }

    /// A new array of these elements. Runs no tenant code.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn array(&mut self, elements: &[Local<'_>]) -> Result<Local<'s>, Throw> {
        // SAFETY: the context is live and a realm is entered.
        let array = unsafe { NewArrayObject1(self.cx(), elements.len()) };
        let array = self.root_new(array)?;
        for (index, element) in elements.iter().enumerate() {
            self.define_index(array, index as u32, *element)?;
        }
        Ok(array)
    }

    /// The number of elements, or `None` when `value` is not an array.
    pub fn array_length(&mut self, value: Local<'_>) -> Option<u32> {
        let cx = self.cx();
        let mut is_array = false;
        let mut length = 0;
        // SAFETY: the value is rooted; out pointers are live.
        unsafe {
            if !IsArrayObject(cx, value.raw(), &mut is_array) || !is_array {
                return None;
            }
            rooted!(in(cx) let array = value.bits().to_object());
            GetArrayLength(cx, array.handle().into(), &mut length).then_some(length)
        }
    }

    /// `object[name]`. Can run tenant code.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one; whatever a getter throws.
    pub fn get(&mut self, object: Local<'_>, name: &CStr) -> Result<Local<'s>, Throw> {
        let pointer = require_object(object)?;
        let cx = self.cx();
        let (value, out) = self.out();
        // SAFETY: the object is rooted here, the name ends in NUL, the result slot is traced.
        unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            check(JS_GetProperty(cx, target.handle().into(), name.as_ptr(), out))?;
        }
        Ok(value)
    }

    /// `object[name] = value`. Can run tenant code.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one; whatever a setter throws.
    pub fn set(&mut self, object: Local<'_>, name: &CStr, value: Local<'_>) -> Result<(), Throw> {
        let pointer = require_object(object)?;
        let cx = self.cx();
        // SAFETY: object and value are rooted, the name ends in NUL.
        unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            check(JS_SetProperty(cx, target.handle().into(), name.as_ptr(), value.raw()))
        }
    }

    /// Defines an own, enumerable, writable data property without running tenant code on
    /// ordinary objects.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one, or does not take it.
    pub fn define(
        &mut self,
        object: Local<'_>,
        name: &CStr,
        value: Local<'_>,
    ) -> Result<(), Throw> {
        let pointer = require_object(object)?;
        let cx = self.cx();
        // SAFETY: object and value are rooted, the name ends in NUL.
        unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            check(JS_DefineProperty(
                cx,
                target.handle().into(),
                name.as_ptr(),
                value.raw(),
                JSPROP_ENUMERATE.into(),
            ))
        }
    }

    /// `delete object[name]`.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one.
    pub fn delete(&mut self, object: Local<'_>, name: &CStr) -> Result<(), Throw> {
        let pointer = require_object(object)?;
        let cx = self.cx();
        // SAFETY: the object is rooted here, the name ends in NUL.
        unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            check(JS_DeleteProperty1(cx, target.handle().into(), name.as_ptr()))
        }
    }

    /// The engine's name for the kind of object: `Object`, `Array`, `Map`, `Proxy`, … `Error` for
    /// every kind of error; empty when `value` is not an object. Runs no tenant code.
    pub fn class_name(&self, value: Local<'_>) -> &'static str {
        let Some(object) = value.object_ptr() else { return "" };
        // SAFETY: the object is rooted by `value`; classes are static, with static names.
        let name = unsafe { CStr::from_ptr((*get_object_class(object.as_ptr())).name) };
        let name = name.to_str().unwrap_or_default();
        if ERROR_CLASSES.contains(&name) { "Error" } else { name }
    }

    /// `object[index]`. Can run tenant code.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one; whatever a getter throws.
    pub fn get_index(&mut self, object: Local<'_>, index: u32) -> Result<Local<'s>, Throw> {
        let pointer = require_object(object)?;
        let cx = self.cx();
        let (value, out) = self.out();
        // SAFETY: the object is rooted here, the result slot is traced.
        unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            check(JS_GetElement(cx, target.handle().into(), index, out))?;
        }
        Ok(value)
    }

    /// Defines an own, enumerable, writable element without running tenant code on arrays: setting
    /// one that is not there would ask the prototypes, and so hand it to a setter of the tenant.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one, or does not take it.
    pub fn define_index(
        &mut self,
        object: Local<'_>,
        index: u32,
        value: Local<'_>,
    ) -> Result<(), Throw> {
        let pointer = require_object(object)?;
        let cx = self.cx();
        // SAFETY: object and value are rooted.
        unsafe {
            rooted!(in(cx) let target = pointer.as_ptr());
            check(JS_DefineElement(
                cx,
                target.handle().into(),
                index,
                value.raw(),
                JSPROP_ENUMERATE.into(),
            ))
        }
    }

    /// Calls `function` with `this` and `arguments`.
    ///
    /// # Errors
    ///
    /// Whatever it throws; termination.
    pub fn call<const N: usize>(
        &mut self,
        function: Local<'_>,
        this: Local<'_>,
        arguments: [Local<'_>; N],
    ) -> Result<Local<'s>, Throw> {
        if self.is_terminated() {
            return Err(Throw::Pending);
        }
        let cx = self.cx();
        let (value, out) = self.out();
        rooted!(in(cx) let array = ValueArray::new(arguments.map(Local::bits)));
        // SAFETY: function, receiver and arguments are rooted, the result slot is traced.
        unsafe {
            let arguments = HandleValueArray::from(&array);
            check(Call(cx, this.raw(), function.raw(), &arguments, out))?;
        }
        Ok(value)
    }

    /// `new constructor(...arguments)`.
    ///
    /// # Errors
    ///
    /// Whatever it throws; termination.
    pub fn construct<const N: usize>(
        &mut self,
        constructor: Local<'_>,
        arguments: [Local<'_>; N],
    ) -> Result<Local<'s>, Throw> {
        if self.is_terminated() {
            return Err(Throw::Pending);
        }
        let cx = self.cx();
        rooted!(in(cx) let array = ValueArray::new(arguments.map(Local::bits)));
        rooted!(in(cx) let mut object = std::ptr::null_mut::<JSObject>());
        // SAFETY: constructor and arguments are rooted, the result is.
        unsafe {
            let arguments = HandleValueArray::from(&array);
            check(Construct1(cx, constructor.raw(), &arguments, object.handle_mut().into()))?;
        }
        Ok(self.root_object(object.get()))
    }

    /// Whether `value` can be called.
    pub fn is_callable(&self, value: Local<'_>) -> bool {
        // SAFETY: the object is rooted by `value`; the call only reads its header.
        value.object_ptr().is_some_and(|object| unsafe { IsCallable(object.as_ptr()) })
    }

    /// `String(value)`. Can run tenant code.
    ///
    /// # Errors
    ///
    /// Whatever the conversion throws.
    #[expect(clippy::wrong_self_convention, reason = "a scope converts, it is not converted")]
    pub fn to_string(&mut self, value: Local<'_>) -> Result<Local<'s>, Throw> {
        // SAFETY: the value is rooted; the result is rooted before anything else runs.
        let string = unsafe { ToString(&mut self.safe_cx(), value.handle()) };
        NonNull::new(string).map(|string| self.root_string(string)).ok_or(Throw::Pending)
    }

    pub(crate) fn root_new(&mut self, object: *mut JSObject) -> Result<Local<'s>, Throw> {
        if object.is_null() {
            return Err(Throw::Pending);
        }
        Ok(self.root_object(object))
    }
}

pub(crate) fn check(ok: bool) -> Result<(), Throw> {
    if ok { Ok(()) } else { Err(Throw::Pending) }
}

pub(crate) fn require_object(value: Local<'_>) -> Result<NonNull<JSObject>, Throw> {
    value.object_ptr().ok_or_else(|| Throw::TypeError("an object is required".into()))
}
