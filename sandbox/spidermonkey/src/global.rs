//! The global object: the language's own properties, and the embedder's, which come into being
//! when somebody first looks. An isolate pays nothing for what its tenant does not use.

use std::cell::Cell;
use std::ptr;

use mozjs::glue::{
    AppendToIdVector, RUST_INTERNED_STRING_TO_JSID, RUST_JSID_IS_STRING, RUST_JSID_TO_STRING,
};
use mozjs::jsapi::{
    HandleId, HandleObject, JS_AlreadyHasOwnProperty, JS_AlreadyHasOwnPropertyById,
    JS_AtomizeAndPinStringN, JS_DefinePropertyById2, JS_GetClassObject, JS_GlobalObjectTraceHook,
    JS_IdToProtoKey, JS_NewEnumerateStandardClasses, JS_ResolveStandardClass,
    JSCLASS_GLOBAL_SLOT_COUNT, JSCLASS_IS_GLOBAL, JSCLASS_RESERVED_SLOTS_MASK,
    JSCLASS_RESERVED_SLOTS_SHIFT, JSClass, JSClassOps, JSContext, JSObject, JSPROP_RESOLVING,
    JSProtoKey, MutableHandleIdVector,
};
use mozjs::jsval::StringValue;
use mozjs::rooted;

use crate::exception::Throw;
use crate::function::guarded;
use crate::isolate::Isolate;
use crate::local::Local;
use crate::object::{check, require_object};
use crate::scope::Scope;
use crate::state::State;

type Make = Box<dyn for<'s> Fn(&mut Scope<'s>, &str) -> Result<Option<Local<'s>>, Throw>>;

/// Properties of the global object that are made on first use.
pub(crate) struct LazyGlobals {
    /// Sorted.
    names: &'static [&'static str],
    make: Make,
    /// For each name, whether it was made: what is deleted after that stays so.
    made: Box<[Cell<bool>]>,
}

static GLOBAL_OPS: JSClassOps = JSClassOps {
    addProperty: None,
    delProperty: None,
    enumerate: None,
    newEnumerate: Some(enumerate),
    resolve: Some(resolve),
    mayResolve: None,
    finalize: None,
    call: None,
    construct: None,
    trace: Some(JS_GlobalObjectTraceHook),
};

/// The class of every isolate's global object.
pub(crate) static GLOBAL_CLASS: JSClass = JSClass {
    name: c"Global".as_ptr(),
    flags: JSCLASS_IS_GLOBAL
        | ((JSCLASS_GLOBAL_SLOT_COUNT & JSCLASS_RESERVED_SLOTS_MASK)
            << JSCLASS_RESERVED_SLOTS_SHIFT),
    cOps: &GLOBAL_OPS,
    spec: ptr::null(),
    ext: ptr::null(),
    oOps: ptr::null(),
};

impl Isolate {
    /// Gives the global object the properties `names` (sorted), each made by `make` when somebody
    /// first looks at it (`None`: not yet, ask again next time). They are writable, configurable and not enumerable, as interface
    /// objects are. What the engine has under such a name stays, and `make` finds it there. Can be set once.
    ///
    /// # Panics
    ///
    /// When it was set before, or the names are not sorted.
    pub fn set_lazy_globals<F>(&mut self, names: &'static [&'static str], make: F)
    where
        F: for<'a> Fn(&mut Scope<'a>, &str) -> Result<Option<Local<'a>>, Throw> + 'static,
    {
        assert!(names.is_sorted(), "the names of lazy globals are looked up by bisection");
        let globals = LazyGlobals {
            names,
            make: Box::new(make),
            made: names.iter().map(|_| Cell::new(false)).collect(),
        };
        assert!(self.state().lazy_globals.set(globals).is_ok(), "lazy globals can be set once");
    }
}

impl<'s> Scope<'s> {
    /// The language's own global of this name (`Date`, `JSON`), whatever has become of the global object's
    /// property; `undefined` if it has none.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn intrinsic(&mut self, name: &str) -> Result<Local<'s>, Throw> {
        let cx = self.cx();
        // SAFETY: the name is copied; atom and object are rooted here.
        unsafe {
            let atom = JS_AtomizeAndPinStringN(cx, name.as_ptr().cast(), name.len());
            if atom.is_null() {
                return Err(Throw::Pending);
            }
            rooted!(in(cx) let mut id = mozjs::jsid::VoidId());
            RUST_INTERNED_STRING_TO_JSID(cx, atom, id.handle_mut().into());
            let key = JS_IdToProtoKey(cx, id.handle().into());
            if key == JSProtoKey::JSProto_Null {
                return Ok(self.undefined());
            }
            rooted!(in(cx) let mut object = ptr::null_mut::<JSObject>());
            check(JS_GetClassObject(cx, key, object.handle_mut().into()))?;
            Ok(self.root_object(object.get()))
        }
    }

    /// To be called before a buffer is made from here: no code says the name of a constructor then, and who
    /// waits for that (see [`Isolate::set_lazy_globals`]) shall not come after those who get the buffer.
    pub(crate) fn announce_buffers(&mut self) -> Result<(), Throw> {
        let state = self.state;
        if state.buffers_announced.get() || state.lazy_globals.get().is_none() {
            return Ok(());
        }
        let mut scope = self.nested();
        let cx = scope.cx();
        let global = scope.global();
        let mut is_known = false;
        // SAFETY: the object is rooted here, the name ends in NUL, the out pointer is live.
        unsafe {
            rooted!(in(cx) let object = require_object(global)?.as_ptr());
            let name = c"ArrayBuffer".as_ptr();
            check(JS_AlreadyHasOwnProperty(cx, object.handle().into(), name, &mut is_known))?;
        }
        // What somebody has put in its place is not asked: it was looked at before.
        if !is_known {
            scope.get(global, c"ArrayBuffer")?;
        }
        state.buffers_announced.set(true);
        Ok(())
    }
}

/// # Safety
///
/// Only the engine calls it, for a property that the global object does not have.
unsafe extern "C" fn resolve(
    cx: *mut JSContext,
    global: HandleObject,
    id: HandleId,
    resolved: *mut bool,
) -> bool {
    // SAFETY: the engine's handles are rooted and its out pointer is live; a hook runs on the
    // isolate's thread with its realm entered; the scope ends before the hook returns.
    guarded(unsafe { State::of(cx) }, || unsafe {
        if !JS_ResolveStandardClass(cx, global, id, resolved) {
            return false;
        }
        if !RUST_JSID_IS_STRING(id) {
            return true;
        }
        let state = State::of(cx);
        let Some(lazy) = state.lazy_globals.get() else { return true };
        let mut scope = Scope::new(state);
        let name = scope.root(StringValue(&*RUST_JSID_TO_STRING(id)));
        let Ok(name) = scope.to_utf8(name) else { return false };
        let Ok(index) = lazy.names.binary_search(&name.as_str()) else { return true };
        if lazy.made[index].get() {
            return true;
        }
        match (lazy.make)(&mut scope, &name) {
            Ok(None) => true,
            Ok(Some(value)) => {
                *resolved = true;
                // Making it may have defined it already, as an accessor.
                let mut defined = false;
                if !JS_AlreadyHasOwnPropertyById(cx, global, id, &mut defined) {
                    return false;
                }
                let made = defined
                    || JS_DefinePropertyById2(cx, global, id, value.raw(), JSPROP_RESOLVING);
                lazy.made[index].set(made);
                made
            }
            Err(throw) => {
                scope.raise(&throw);
                false
            }
        }
    })
}

/// # Safety
///
/// Only the engine calls it, to list the properties of the global object.
unsafe extern "C" fn enumerate(
    cx: *mut JSContext,
    global: HandleObject,
    properties: MutableHandleIdVector,
    enumerable_only: bool,
) -> bool {
    // SAFETY: the engine's handles are rooted; names are copied by the engine.
    guarded(unsafe { State::of(cx) }, || unsafe {
        if !JS_NewEnumerateStandardClasses(cx, global, properties, enumerable_only) {
            return false;
        }
        let Some(lazy) = State::of(cx).lazy_globals.get().filter(|_| !enumerable_only) else {
            return true;
        };
        for (name, made) in lazy.names.iter().zip(&lazy.made) {
            // The engine has it, or somebody has deleted it.
            if made.get() {
                continue;
            }
            let string = JS_AtomizeAndPinStringN(cx, name.as_ptr().cast(), name.len());
            if string.is_null() {
                return false;
            }
            rooted!(in(cx) let mut id = mozjs::jsid::VoidId());
            RUST_INTERNED_STRING_TO_JSID(cx, string, id.handle_mut().into());
            if !AppendToIdVector(properties, id.handle().into()) {
                return false;
            }
        }
        true
    })
}
