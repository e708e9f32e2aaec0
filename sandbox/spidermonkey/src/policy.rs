//! What JavaScript may not do here: make code from strings, compile WebAssembly at run time, and
//! measure time while it runs.

use mozjs::jsapi::js::TempAllocPolicy;
use mozjs::jsapi::{
    CompilationType, Handle, JS_GetContextPrivate, JS_SetGlobalJitCompilerOption,
    JS_SetSecurityCallbacks, JSContext, JSJitCompilerOption, JSSecurityCallbacks, JSString,
    RTPCallerTypeToken, RuntimeCode, SetReduceMicrosecondTimePrecisionCallback, StackGCVector,
    Value,
};
use mozjs::rust::RealmOptions;

use crate::isolate::Isolate;
use crate::scope::Scope;
use crate::state::State;

/// Options of the code generator against speculative execution (Spectre): all on, because tenants
/// share the process. They are the engine's for the whole process.
const SPECTRE_OPTIONS: [JSJitCompilerOption; 5] = [
    JSJitCompilerOption::JSJITCOMPILER_SPECTRE_INDEX_MASKING,
    JSJitCompilerOption::JSJITCOMPILER_SPECTRE_OBJECT_MITIGATIONS,
    JSJitCompilerOption::JSJITCOMPILER_SPECTRE_STRING_MITIGATIONS,
    JSJitCompilerOption::JSJITCOMPILER_SPECTRE_VALUE_MASKING,
    JSJitCompilerOption::JSJITCOMPILER_SPECTRE_JIT_TO_CXX_CALLS,
];

static SECURITY_CALLBACKS: JSSecurityCallbacks = JSSecurityCallbacks {
    contentSecurityPolicyAllows: Some(may_compile),
    codeForEvalGets: None,
    subsumes: None,
};

/// Calls or turns of a loop before the engine makes code for a function's property accesses. Each such piece
/// costs two changes of page rights, of which every processor must hear; evaluating the platform runs most
/// code a few times, and would make a hundred of them.
const CALLS_BEFORE_CODE: u32 = 100;

/// Sets what holds for the whole process.
///
/// # Safety
///
/// `cx` is the live context of this thread, and no code has been generated yet.
pub(crate) unsafe fn harden_process(cx: *mut JSContext) {
    // SAFETY: the caller's promise; the callback finds its state through the context it is given.
    unsafe {
        for option in SPECTRE_OPTIONS {
            JS_SetGlobalJitCompilerOption(cx, option, 1);
        }
        // Pages of generated code are writable or executable, never both.
        let write_protect = JSJitCompilerOption::JSJITCOMPILER_WRITE_PROTECT_CODE;
        JS_SetGlobalJitCompilerOption(cx, write_protect, 1);
        let warm_up = JSJitCompilerOption::JSJITCOMPILER_BASELINE_INTERPRETER_WARMUP_TRIGGER;
        JS_SetGlobalJitCompilerOption(cx, warm_up, CALLS_BEFORE_CODE);
        SetReduceMicrosecondTimePrecisionCallback(Some(time_as_seen));
    }
}

/// Sets what holds for one context.
///
/// # Safety
///
/// `cx` is the live context of this thread.
pub(crate) unsafe fn harden_context(cx: *mut JSContext) {
    // SAFETY: the callbacks are static and find their state through the context.
    unsafe { JS_SetSecurityCallbacks(cx, &SECURITY_CALLBACKS) };
}

/// Makes realms with these options ask [`time_as_seen`] for the time.
pub(crate) fn freeze_clock(options: &mut RealmOptions) {
    // A `mozilla::Maybe` of one byte: the value (which kind of caller asks; there is one kind),
    // then whether there is a value.
    options.behaviors_.rtpCallerType.0 = [0, 1];
}

impl Isolate {
    /// Sets the time that `Date` shows, in microseconds since the epoch, until the next call.
    /// Until the first call it is the real time.
    pub fn set_time(&mut self, microseconds: f64) {
        self.state().time.set(Some(microseconds));
    }

    /// Whether code may compile WebAssembly from bytes at run time; it may not until this is called.
    pub fn allow_wasm(&mut self, allowed: bool) {
        self.state().wasm_allowed.set(allowed);
    }
}

impl Scope<'_> {
    /// Lets `work` compile WebAssembly: for modules that came with a deployment.
    pub(crate) fn with_wasm_allowed<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.state.wasm_allowed.replace(true);
        let result = work(self);
        self.state.wasm_allowed.set(before);
        result
    }
}

/// HostEnsureCanCompileStrings (ECMA-262 §19.2.1.2) and its WebAssembly counterpart.
///
/// # Safety
///
/// Only the engine calls it, with the context of an isolate.
unsafe extern "C" fn may_compile(
    cx: *mut JSContext,
    kind: RuntimeCode,
    _code: Handle<*mut JSString>,
    _compilation: CompilationType,
    _parameter_strings: Handle<StackGCVector<*mut JSString, TempAllocPolicy>>,
    _body_string: Handle<*mut JSString>,
    _parameters: Handle<StackGCVector<Value, TempAllocPolicy>>,
    _body: Handle<Value>,
    allowed: *mut bool,
) -> bool {
    // SAFETY: the context is an isolate's; the out pointer is the engine's.
    unsafe {
        let wasm_allowed = State::of(cx).wasm_allowed.get();
        *allowed = matches!(kind, RuntimeCode::WASM) && wasm_allowed;
    }
    true
}

/// The time that a realm sees, in microseconds since the epoch, when it really is `now`.
///
/// # Safety
///
/// Only the engine calls it, with a live context.
unsafe extern "C" fn time_as_seen(
    now: f64,
    _caller: RTPCallerTypeToken,
    cx: *mut JSContext,
) -> f64 {
    // SAFETY: the private pointer is a `State` or, in the parent's context, null.
    let state = unsafe { JS_GetContextPrivate(cx).cast::<State>().as_ref() };
    state.and_then(|state| state.time.get()).unwrap_or(now)
}
