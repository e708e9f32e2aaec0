//! Native functions that come into being when somebody first looks at them.

use std::ffi::{CStr, c_void};
use std::ptr;

use mozjs::glue::{JS_GetReservedSlot, RUST_JSID_IS_STRING, RUST_JSID_TO_STRING};
use mozjs::jsapi::{
    HandleId, HandleObject, JS_DefinePropertyById2, JS_NewObjectWithGivenProto, JS_SetReservedSlot,
    JSCLASS_RESERVED_SLOTS_SHIFT, JSClass, JSClassOps, JSContext, JSObject, JSPROP_RESOLVING,
};
use mozjs::jsval::{PrivateValue, StringValue, UndefinedValue};
use mozjs::rooted;

use crate::exception::Throw;
use crate::function::{Args, guarded};
use crate::local::Local;
use crate::scope::Scope;
use crate::state::State;

/// A native function without state of its own.
pub type Native = for<'s> fn(&mut Scope<'s>, Args<'s>) -> Result<Local<'s>, Throw>;

/// Name, number of parameters, function.
pub type NativeEntry = (&'static CStr, u32, Native);

/// Sorted by name.
pub type Natives = &'static [NativeEntry];

/// The reserved slot that holds a `*const Natives`.
const TABLE_SLOT: u32 = 0;

static NATIVES_OPS: JSClassOps = JSClassOps {
    addProperty: None,
    delProperty: None,
    enumerate: None,
    newEnumerate: None,
    resolve: Some(resolve),
    mayResolve: None,
    finalize: None,
    call: None,
    construct: None,
    trace: None,
};

static NATIVES_CLASS: JSClass = JSClass {
    name: c"Natives".as_ptr(),
    flags: 1 << JSCLASS_RESERVED_SLOTS_SHIFT,
    cOps: &NATIVES_OPS,
    spec: ptr::null(),
    ext: ptr::null(),
    oOps: ptr::null(),
};

impl<'s> Scope<'s> {
    /// An object that has the functions of `table`, each made when somebody first looks at it. It has no
    /// prototype.
    ///
    /// # Errors
    ///
    /// Out of memory.
    ///
    /// # Panics
    ///
    /// In debug builds, when the table is not sorted.
    pub fn natives(&mut self, table: &'static Natives) -> Result<Local<'s>, Throw> {
        debug_assert!(table.is_sorted_by_key(|(name, ..)| name), "it is looked up by bisection");
        let cx = self.cx();
        rooted!(in(cx) let proto = ptr::null_mut::<JSObject>());
        // SAFETY: the class is static; the slot is set before anybody can look at the object.
        unsafe {
            let object = JS_NewObjectWithGivenProto(cx, &NATIVES_CLASS, proto.handle().into());
            if object.is_null() {
                return Err(Throw::Pending);
            }
            let raw = ptr::from_ref(table).cast::<c_void>();
            JS_SetReservedSlot(object, TABLE_SLOT, &PrivateValue(raw));
            Ok(self.root_object(object))
        }
    }
}

/// # Safety
///
/// Only the engine calls it, for a property that an object of [`NATIVES_CLASS`] does not have.
unsafe extern "C" fn resolve(
    cx: *mut JSContext,
    object: HandleObject,
    id: HandleId,
    resolved: *mut bool,
) -> bool {
    // SAFETY: the engine's handles are rooted and its out pointer is live; a hook runs on the isolate's
    // thread with its realm entered; the scope ends before the hook returns; the slot holds the static
    // table that `natives` put there.
    guarded(unsafe { State::of(cx) }, || unsafe {
        if !RUST_JSID_IS_STRING(id) {
            return true;
        }
        let mut slot = UndefinedValue();
        JS_GetReservedSlot(object.get(), TABLE_SLOT, &mut slot);
        let table = &*slot.to_private().cast::<Natives>();
        let mut scope = Scope::new(State::of(cx));
        let name = scope.root(StringValue(&*RUST_JSID_TO_STRING(id)));
        let Ok(name) = scope.to_utf8(name) else { return false };
        let found = table.binary_search_by(|(known, ..)| known.to_bytes().cmp(name.as_bytes()));
        let Ok(index) = found else { return true };
        match scope.native(&table[index]) {
            Ok(function) => {
                *resolved = true;
                JS_DefinePropertyById2(cx, object, id, function.raw(), JSPROP_RESOLVING)
            }
            Err(throw) => {
                scope.raise(&throw);
                false
            }
        }
    })
}
