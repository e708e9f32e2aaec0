use std::ptr;

use mozjs::jsapi::{
    CloneDataPolicy, JS_ReadStructuredClone, JS_STRUCTURED_CLONE_VERSION, JS_WriteStructuredClone,
    JSStructuredCloneCallbacks, StructuredCloneScope,
};
use mozjs::rust::JSAutoStructuredCloneBufferWrapper;

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

impl<'s> Scope<'s> {
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
            let buffer = JSAutoStructuredCloneBufferWrapper::new(scope, &CALLBACKS);
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
