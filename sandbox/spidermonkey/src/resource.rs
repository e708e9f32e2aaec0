use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use mozjs::glue::JS_GetReservedSlot;
use mozjs::jsapi::{
    GCContext, JS_NewObjectWithGivenProto, JS_SetReservedSlot, JSCLASS_FOREGROUND_FINALIZE,
    JSCLASS_RESERVED_SLOTS_SHIFT, JSClass, JSClassOps, JSObject,
};
use mozjs::jsval::{PrivateValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::get_object_class;

use crate::exception::Throw;
use crate::local::Local;
use crate::scope::Scope;

/// The reserved slot that holds the boxed Rust value.
const VALUE_SLOT: u32 = 0;

static RESOURCE_OPS: JSClassOps = JSClassOps {
    addProperty: None,
    delProperty: None,
    enumerate: None,
    newEnumerate: None,
    resolve: None,
    mayResolve: None,
    finalize: Some(finalize),
    call: None,
    construct: None,
    trace: None,
};

/// Objects of this class own a `Box<Box<dyn Any>>`. Finalised on the isolate's own thread,
/// because the Rust value belongs to it.
static RESOURCE_CLASS: JSClass = JSClass {
    name: c"Resource".as_ptr(),
    flags: JSCLASS_FOREGROUND_FINALIZE | (1 << JSCLASS_RESERVED_SLOTS_SHIFT),
    cOps: &RESOURCE_OPS,
    spec: ptr::null(),
    ext: ptr::null(),
    oOps: ptr::null(),
};

impl<'s> Scope<'s> {
    /// An opaque object that owns `value`, which is dropped when the object is collected. It has
    /// no prototype and no properties: for the platform's own use, never handed to a tenant.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn resource<T: Any>(&mut self, value: T) -> Result<Local<'s>, Throw> {
        let boxed: Box<Box<dyn Any>> = Box::new(Box::new(value));
        let cx = self.cx();
        rooted!(in(cx) let proto = ptr::null_mut::<JSObject>());
        // SAFETY: the class is static; the slot is set before anything can collect the object;
        // `finalize` takes the box back exactly once.
        unsafe {
            let object = JS_NewObjectWithGivenProto(cx, &RESOURCE_CLASS, proto.handle().into());
            if object.is_null() {
                return Err(Throw::Pending);
            }
            let raw = Box::into_raw(boxed).cast::<c_void>().cast_const();
            JS_SetReservedSlot(object, VALUE_SLOT, &PrivateValue(raw));
            Ok(self.root_object(object))
        }
    }

    /// Lets `use_it` work on the Rust value of a [`resource`](Self::resource) object. It cannot
    /// reach the engine meanwhile, so nobody else can get at the value.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not a resource of type `T`.
    pub fn with_resource<T: Any, R>(
        &mut self,
        object: Local<'_>,
        use_it: impl FnOnce(&mut T) -> R,
    ) -> Result<R, Throw> {
        let wrong = || Throw::TypeError("an object of another kind is required".into());
        let pointer = object.object_ptr().ok_or_else(wrong)?.as_ptr();
        let mut slot = UndefinedValue();
        // SAFETY: the class check proves that the slot holds the box that `resource` put there;
        // `self` is borrowed while `use_it` runs, so no second reference to the value exists and
        // the object, rooted by `object`, is not finalised.
        unsafe {
            if !ptr::eq(get_object_class(pointer), &RESOURCE_CLASS) {
                return Err(wrong());
            }
            JS_GetReservedSlot(pointer, VALUE_SLOT, &mut slot);
            let boxed = slot.to_private().cast_mut().cast::<Box<dyn Any>>();
            let value = boxed.as_mut().and_then(|boxed| boxed.downcast_mut::<T>());
            value.map(use_it).ok_or_else(wrong)
        }
    }
}

/// # Safety
///
/// Only the engine calls it, once for each object of [`RESOURCE_CLASS`], on the isolate's thread.
unsafe extern "C" fn finalize(_: *mut GCContext, object: *mut JSObject) {
    let mut slot = UndefinedValue();
    // SAFETY: the slot is either unset (creation failed) or holds the box of `resource`.
    unsafe {
        JS_GetReservedSlot(object, VALUE_SLOT, &mut slot);
        if !slot.is_undefined() {
            let value = Box::from_raw(slot.to_private().cast_mut().cast::<Box<dyn Any>>());
            if catch_unwind(AssertUnwindSafe(|| drop(value))).is_err() {
                log::error!("a resource panicked when it was dropped: a defect of Insula");
            }
        }
    }
}
