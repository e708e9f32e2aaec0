//! What the platform does to all members of a class at once. The language has it for one at a time, and takes ten times
//! as long for each.

use std::ptr::NonNull;

use mozjs::jsapi::{
    GetPropertyKeys, JS_DefinePropertyById1, JS_GetOwnPropertyDescriptorById, JSITER_HIDDEN,
    JSITER_OWNONLY, PropertyDescriptor, jsid,
};
use mozjs::rooted;
use mozjs::rust::IdVector;

use crate::exception::Throw;
use crate::local::Local;
use crate::object::{check, require_object};
use crate::scope::Scope;
use crate::string::StringRef;

impl Scope<'_> {
    /// Makes the own members with names that an ordinary object or function has enumerable, but for these. Runs no tenant
    /// code.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `object` is not one, or a member cannot be changed.
    pub fn make_enumerable(&mut self, object: Local<'_>, but: &[&str]) -> Result<(), Throw> {
        self.redefine(object, object, but, |member| member.set_enumerable_(true))
    }

    /// Gives `target` the own members with names that an ordinary object has, as they are. Runs no tenant code.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when one of them is not an object, or `target` does not take a member.
    pub fn copy_members(&mut self, target: Local<'_>, source: Local<'_>) -> Result<(), Throw> {
        self.redefine(target, source, &[], |_| {})
    }

    fn redefine(
        &mut self,
        target: Local<'_>,
        source: Local<'_>,
        but: &[&str],
        change: impl Fn(&mut PropertyDescriptor),
    ) -> Result<(), Throw> {
        let (to, from) = (require_object(target)?, require_object(source)?);
        let cx = self.cx();
        let mut keys = insula_memory::exempt(|| IdVector::new(&mut self.safe_cx()));
        // SAFETY: the objects, the keys, the key at hand and what it stands for are rooted; out pointers are live.
        unsafe {
            rooted!(in(cx) let to = to.as_ptr());
            rooted!(in(cx) let from = from.as_ptr());
            let flags = JSITER_OWNONLY | JSITER_HIDDEN;
            check(GetPropertyKeys(cx, from.handle().into(), flags, keys.handle_mut()))?;
            for at in 0..keys.len() {
                rooted!(in(cx) let key = keys[at]);
                if self.nested().is_named(key.get(), but)? {
                    continue;
                }
                rooted!(in(cx) let mut member = PropertyDescriptor::default());
                let mut is_none = false;
                check(JS_GetOwnPropertyDescriptorById(
                    cx,
                    from.handle().into(),
                    key.handle().into(),
                    member.handle_mut().into(),
                    &mut is_none,
                ))?;
                if !is_none {
                    change(&mut *member.as_ptr());
                    let (key, member) = (key.handle().into(), member.handle().into());
                    check(JS_DefinePropertyById1(cx, to.handle().into(), key, member))?;
                }
            }
        }
        Ok(())
    }

    /// Whether a key is one of these names.
    fn is_named(&mut self, key: jsid, names: &[&str]) -> Result<bool, Throw> {
        if names.is_empty() || !key.is_string() {
            return Ok(false);
        }
        let name = NonNull::new(key.to_string()).map(|name| self.root_string(name));
        self.with_string(name.ok_or(Throw::Pending)?, |name| match name {
            StringRef::Latin1(bytes) => names.iter().any(|known| known.as_bytes() == bytes),
            StringRef::Utf16(_) => false,
        })
    }
}
