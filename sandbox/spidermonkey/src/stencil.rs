use std::ffi::CString;
use std::sync::Arc;

#[cfg(feature = "debugmozjs")]
use mozjs::jsapi::ConvertFrontendErrorsToRuntimeErrors;
#[cfg(feature = "debugmozjs")]
use mozjs::jsapi::JS::FrontendContext as RawFrontendContext;
#[cfg(not(feature = "debugmozjs"))]
use mozjs::jsapi::JSContext;
use mozjs::jsapi::js::frontend::InitialStencilAndDelazifications;
use mozjs::jsapi::mozilla::Utf8Unit;
use mozjs::jsapi::{
    DelazificationOption, EagerBaselineOption, InstantiateModuleStencil, InstantiateOptions,
    JSObject, ReadOnlyCompileOptions, SourceText, StencilRelease,
};
#[cfg(feature = "debugmozjs")]
use mozjs::offthread::FrontendContext;
use mozjs::rust::{CompileOptionsWrapper, transform_str_to_source_text};

use crate::exception::Throw;
use crate::local::Local;
use crate::scope::Scope;

/// Bytes of native stack that parsing may use; isolate threads have more.
#[cfg(feature = "debugmozjs")]
const STACK_BYTES: usize = 512 << 10;

/// A module that was parsed once and can be instantiated in any isolate of the process: source
/// text and bytecode are shared, only the objects are per isolate.
#[derive(Clone)]
pub struct Stencil(Arc<Owned>);

/// One strong reference to an engine stencil.
struct Owned(*mut InitialStencilAndDelazifications);

// SAFETY: the engine's stencils are immutable after compilation and counted atomically; sharing
// them between threads is what they are for (js/public/experimental/JSStencil.h).
unsafe impl Send for Owned {}
// SAFETY: as above.
unsafe impl Sync for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: this reference is owned, and given back once.
        unsafe { StencilRelease(self.0) };
    }
}

/// How the engine returns an `already_AddRefed`. In a release engine it is a bare pointer in a
/// register.
#[cfg(not(feature = "debugmozjs"))]
#[repr(C)]
struct Returned {
    stencil: *mut InitialStencilAndDelazifications,
}

/// How the engine returns an `already_AddRefed`. In a debug engine the type has a destructor, so
/// it comes back through a hidden pointer; the padding makes Rust do the same on every ABI that
/// passes large structures so.
#[cfg(feature = "debugmozjs")]
#[repr(C)]
struct Returned {
    stencil: *mut InitialStencilAndDelazifications,
    _padding: [usize; 3],
}

unsafe extern "C" {
    /// `JS::CompileModuleScriptToStencil`; declared here because its calling convention depends
    /// on the engine's build.
    #[cfg(not(feature = "debugmozjs"))]
    #[link_name = "_ZN2JS28CompileModuleScriptToStencilEP9JSContextRKNS_22ReadOnlyCompileOptionsERNS_10SourceTextIN7mozilla8Utf8UnitEEE"]
    fn compile_module_to_stencil(
        cx: *mut JSContext,
        options: *const ReadOnlyCompileOptions,
        source: *mut SourceText<Utf8Unit>,
    ) -> Returned;

    /// The same with a front end of the caller's.
    #[cfg(feature = "debugmozjs")]
    #[link_name = "_ZN2JS28CompileModuleScriptToStencilEPN2js15FrontendContextERKNS_22ReadOnlyCompileOptionsERNS_10SourceTextIN7mozilla8Utf8UnitEEE"]
    fn compile_module_to_stencil(
        frontend: *mut RawFrontendContext,
        options: *const ReadOnlyCompileOptions,
        source: *mut SourceText<Utf8Unit>,
    ) -> Returned;
}

impl Scope<'_> {
    /// Parses `source` as a module for sharing.
    ///
    /// # Errors
    ///
    /// A `SyntaxError`; out of memory.
    pub fn compile_stencil(&mut self, name: &str, source: &str) -> Result<Stencil, Throw> {
        let options = compile_options(self, name);
        let mut text = transform_str_to_source_text(source);
        let returned = self.compile_to_stencil(&options, &mut text);
        if returned.stencil.is_null() {
            return Err(Throw::Pending);
        }
        Ok(Stencil(Arc::new(Owned(returned.stencil))))
    }

    /// With the runtime's own front end: the bytecode is then in this runtime's table of bytecode that is there once, and
    /// not in that of the process, which every isolate looks through from end to end whenever it collects. When the runtime
    /// ends, its table goes and the bytecode stays, with a count that never gets to zero: nothing of the process ends
    /// before the process. Functions that isolates compile later, when they are first called, are shared in the same way.
    #[cfg(not(feature = "debugmozjs"))]
    fn compile_to_stencil(
        &mut self,
        options: &CompileOptionsWrapper,
        text: &mut SourceText<Utf8Unit>,
    ) -> Returned {
        // SAFETY: context, options and source outlive the call; the source is copied by the engine; the returned reference
        // is owned. An error is pending in the context.
        unsafe { compile_module_to_stencil(self.cx(), options.ptr, text) }
    }

    /// A debug engine insists on an empty table at a runtime's end.
    #[cfg(feature = "debugmozjs")]
    fn compile_to_stencil(
        &mut self,
        options: &CompileOptionsWrapper,
        text: &mut SourceText<Utf8Unit>,
    ) -> Returned {
        let frontend = FrontendContext::new();
        frontend.set_stack_quota(STACK_BYTES);
        // SAFETY: front end, options and source outlive the call; the source is copied by the
        // engine; the returned reference is owned. An error becomes the pending one.
        unsafe {
            let returned = compile_module_to_stencil(*frontend, options.ptr, text);
            if returned.stencil.is_null() {
                ConvertFrontendErrorsToRuntimeErrors(self.cx(), *frontend, options.ptr);
            }
            returned
        }
    }
}

impl<'s> Scope<'s> {
    /// Makes a stencil safe for use by several isolates at once: to be called before any other one has
    /// it, and followed by [`Isolate::shrink`](crate::Isolate::shrink) of this one.
    ///
    /// An isolate that instantiates a stencil has its source compressed on a helper thread at a later
    /// collection, unless that was tried before. Two that do so at the same time both try, and the
    /// engine ends the process when it finds the source compressed already. So one tries alone first.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn prepare_to_share(&mut self, stencil: &Stencil) -> Result<(), Throw> {
        self.nested().instantiate(stencil).map(drop)
    }

    /// Makes a module object of this isolate from a stencil.
    pub(crate) fn instantiate(&mut self, stencil: &Stencil) -> Result<Local<'s>, Throw> {
        let options = InstantiateOptions {
            skipFilenameValidation: false,
            hideScriptFromDebugger: false,
            deferDebugMetadata: false,
            eagerDelazificationStrategy_: DelazificationOption::OnDemandOnly,
            eagerBaselineStrategy_: EagerBaselineOption::None,
        };
        // SAFETY: the stencil is alive; the engine takes its own references to what it keeps.
        let module: *mut JSObject = unsafe {
            InstantiateModuleStencil(self.cx(), &options, stencil.0.0, std::ptr::null_mut())
        };
        self.root_new(module)
    }
}

pub(crate) fn compile_options(scope: &mut Scope<'_>, name: &str) -> CompileOptionsWrapper {
    let name = CString::new(name.replace('\0', "")).unwrap_or_default();
    CompileOptionsWrapper::new(&scope.safe_cx(), name, 1)
}
