//! ES modules: a fixed set of sources by name, resolved synchronously.
//!
//! Names are paths without a leading slash. Modules of the platform have names that begin with
//! [`PLATFORM_SCHEME`]; a tenant's module cannot import them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use mozjs::glue::{JS_GetModulePrivate, JS_GetScriptPrivate};
use mozjs::jsapi::{
    ColumnNumberOneOrigin, CompileJsonModule1, CompileModule1, CreateDefaultExportSyntheticModule,
    FinishLoadingImportedModule, FinishLoadingImportedModuleFailedWithPendingException,
    GetModuleNamespace, GetModuleRequestSpecifier, Handle, IsCyclicModule, JSContext, JSObject,
    JSRuntime, JSScript, LoadRequestedModules, ModuleEvaluate, ModuleLink, SetModuleLoadHook,
    SetModuleMetadataHook, SetModulePrivate, Value,
};
use mozjs::jsval::{Int32Value, ObjectValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::transform_str_to_source_text;

use crate::exception::Throw;
use crate::local::{Local, Persistent};
use crate::object::{check, require_object};
use crate::scope::Scope;
use crate::state::State;
use crate::stencil::{Stencil, compile_options};

/// What names of the platform's own modules begin with.
pub const PLATFORM_SCHEME: &str = "insula:";

/// The contents of a module.
pub enum ModuleBody {
    /// An ECMAScript module.
    JavaScript(String),
    /// An ECMAScript module that was compiled before.
    Stencil(Stencil),
    /// A JSON module.
    Json(String),
    /// A module whose default export is this string.
    Text(String),
    /// A module whose default export is an `ArrayBuffer` of these bytes.
    Data(Vec<u8>),
    /// A module whose default export is a `WebAssembly.Module` of these bytes.
    Wasm(Vec<u8>),
}

/// An import that named no module of the isolate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedImport {
    /// What the import says.
    pub specifier: String,
    /// The module that says it.
    pub referrer: String,
    /// Its line, from 1; 0 when unknown.
    pub line: u32,
    /// Its column, from 1; 0 when unknown.
    pub column: u32,
}

/// Modules by name that all isolates of a process share until they use them.
pub type SharedModules = HashMap<String, Stencil>;

/// Which platform module a specifier of the realm's author means, when it names none of their own.
pub type Builtins = fn(&str) -> Option<&'static str>;

/// The modules of one isolate.
#[derive(Default)]
pub(crate) struct Modules {
    /// What the isolate has not used has no record, and so costs it nothing.
    shared: OnceCell<Arc<SharedModules>>,
    builtins: OnceCell<Builtins>,
    /// By index, which is also each module object's private value.
    records: RefCell<Vec<Record>>,
    platform: RefCell<HashMap<String, u32>>,
    authored: RefCell<HashMap<String, u32>>,
    /// The last import that failed to resolve.
    unresolved: RefCell<Option<UnresolvedImport>>,
    /// The engine's `WebAssembly.Module`, when a module needs it.
    wasm_constructor: OnceCell<Persistent>,
    /// The metadata hook is per isolate; the flag saves a lookup.
    hooked: Cell<bool>,
}

impl Modules {
    /// By name, those that the isolate has or has used.
    fn names(&self, origin: Origin) -> &RefCell<HashMap<String, u32>> {
        match origin {
            Origin::Platform => &self.platform,
            Origin::Author => &self.authored,
        }
    }

    fn recorded(&self, origin: Origin, name: &str) -> Option<u32> {
        self.names(origin).borrow().get(name).copied()
    }

    /// The platform's module of this name, taken from the shared ones if the isolate has none.
    fn of_platform(&self, name: &str) -> Option<u32> {
        self.recorded(Origin::Platform, name).or_else(|| {
            let stencil = self.shared.get()?.get(name)?;
            Some(self.add(Origin::Platform, name, ModuleBody::Stencil(stencil.clone())))
        })
    }

    /// The module that the embedder calls by this name.
    fn named(&self, name: &str) -> Option<u32> {
        if name.starts_with(PLATFORM_SCHEME) {
            self.of_platform(name)
        } else {
            self.recorded(Origin::Author, name)
        }
    }

    fn add(&self, origin: Origin, name: &str, body: ModuleBody) -> u32 {
        let mut records = self.records.borrow_mut();
        let index = records.len() as u32;
        self.names(origin).borrow_mut().insert(name.to_owned(), index);
        records.push(Record { origin, name: name.to_owned(), body: Some(body), object: None });
        index
    }
}

/// Who wrote a module. Its name does not tell: authors choose theirs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Platform,
    Author,
}

struct Record {
    origin: Origin,
    name: String,
    /// Taken when the module is compiled: the engine keeps what it needs.
    body: Option<ModuleBody>,
    object: Option<Persistent>,
}

impl<'s> Scope<'s> {
    /// Adds a module of the realm's author. Its name must be new; with [`PLATFORM_SCHEME`] in front nothing
    /// finds it. To be called before any code of the author runs.
    pub fn add_module(&mut self, name: &str, body: ModuleBody) {
        if matches!(body, ModuleBody::Wasm(_))
            && let Err(missing) = self.keep_wasm_constructor()
        {
            // Where the engine makes no machine code; the import will say so.
            drop(self.take_exception(missing));
        }
        self.state.modules.add(Origin::Author, name, body);
    }

    /// Adds modules that the isolate takes when something first imports them. To be called once.
    pub fn share_modules(&mut self, modules: Arc<SharedModules>, builtins: Builtins) {
        let _ = self.state.modules.shared.set(modules);
        let _ = self.state.modules.builtins.set(builtins);
    }

    /// Loads, links and evaluates a module with all that it imports. Returns the promise of its
    /// evaluation; a module without top-level await has settled it already. Runs tenant code.
    ///
    /// # Errors
    ///
    /// A `SyntaxError`, an unresolved import, termination. Exceptions of the module's own code
    /// reject the promise instead.
    pub fn evaluate_module(&mut self, name: &str) -> Result<Local<'s>, Throw> {
        if self.is_terminated() {
            return Err(Throw::Pending);
        }
        let module = self.load_module(name)?;
        let cx = self.cx();
        let (promise, out) = self.out();
        // SAFETY: the module is rooted here; the result slot is traced.
        unsafe {
            rooted!(in(cx) let object = module.bits().to_object());
            check(ModuleLink(cx, object.handle().into()))?;
            check(ModuleEvaluate(cx, object.handle().into(), out))?;
        }
        Ok(promise)
    }

    /// The namespace object of a module that was evaluated.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when there is no such module; out of memory.
    pub fn module_namespace(&mut self, name: &str) -> Result<Local<'s>, Throw> {
        let module = self.module_object(name)?;
        let cx = self.cx();
        // SAFETY: the module is rooted; the result is rooted before anything else runs.
        unsafe {
            rooted!(in(cx) let object = module.bits().to_object());
            let namespace = GetModuleNamespace(cx, object.handle().into());
            self.root_new(namespace)
        }
    }

    /// The namespace object of a module that was evaluated, or `None` when it was not loaded yet.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn loaded_namespace(&mut self, name: &str) -> Result<Option<Local<'s>>, Throw> {
        let index = self.state.modules.named(name);
        let is_loaded = index.is_some_and(|index| {
            self.state.modules.records.borrow()[index as usize].object.is_some()
        });
        if is_loaded { self.module_namespace(name).map(Some) } else { Ok(None) }
    }

    /// The last import that named no module, taken.
    pub fn take_unresolved_import(&mut self) -> Option<UnresolvedImport> {
        self.state.modules.unresolved.borrow_mut().take()
    }

    /// Compiles a module and everything that it imports, transitively.
    fn load_module(&mut self, name: &str) -> Result<Local<'s>, Throw> {
        self.install_hooks();
        let module = self.module_object(name)?;
        self.load_requested(module)?;
        Ok(module)
    }

    fn load_requested(&mut self, module: Local<'_>) -> Result<(), Throw> {
        let cx = self.cx();
        // SAFETY: the module is rooted; the hooks answer before this call returns, so the
        // callbacks run within it.
        unsafe {
            rooted!(in(cx) let object = module.bits().to_object());
            rooted!(in(cx) let host_defined = UndefinedValue());
            check(LoadRequestedModules(
                cx,
                object.handle().into(),
                host_defined.handle().into(),
                Some(load_resolved),
                Some(load_rejected),
            ))?;
            check(!mozjs::jsapi::JS_IsExceptionPending(cx))
        }
    }

    /// The module object for a name, compiled on first use.
    fn module_object(&mut self, name: &str) -> Result<Local<'s>, Throw> {
        let index = self.state.modules.named(name);
        let index =
            index.ok_or_else(|| Throw::TypeError(format!("no module is named '{name}'")))?;
        self.module_at(index)
    }

    fn module_at(&mut self, index: u32) -> Result<Local<'s>, Throw> {
        let body = {
            let mut records = self.state.modules.records.borrow_mut();
            let record = &mut records[index as usize];
            if let Some(object) = &record.object {
                let bits = object.value_in(self.state).expect("kept by this isolate");
                return Ok(self.root(bits));
            }
            record.body.take()
        };
        let name = self.state.modules.records.borrow()[index as usize].name.clone();
        let body =
            body.ok_or_else(|| Throw::TypeError(format!("the module '{name}' failed to compile")))?;
        let module = self.compile(&name, body)?;
        let object = require_object(module)?.as_ptr();
        // SAFETY: the module object is live; its private value is a plain number. Synthetic
        // modules import nothing and have no place for one.
        unsafe {
            if IsCyclicModule(object) {
                SetModulePrivate(object, &Int32Value(index as i32));
            }
        }
        let kept = self.persist(module);
        self.state.modules.records.borrow_mut()[index as usize].object = Some(kept);
        Ok(module)
    }

    fn compile(&mut self, name: &str, body: ModuleBody) -> Result<Local<'s>, Throw> {
        match body {
            ModuleBody::Stencil(stencil) => self.instantiate(&stencil),
            ModuleBody::JavaScript(source) => {
                let options = compile_options(self, name);
                let mut text = transform_str_to_source_text(&source);
                // SAFETY: options and source outlive the call, which copies the source.
                let module = unsafe { CompileModule1(self.cx(), options.ptr, &mut text) };
                self.root_new(module)
            }
            ModuleBody::Json(source) => {
                let options = compile_options(self, name);
                let mut text = transform_str_to_source_text(&source);
                // SAFETY: options and source outlive the call, which copies the source.
                let module = unsafe { CompileJsonModule1(self.cx(), options.ptr, &mut text) };
                self.root_new(module)
            }
            ModuleBody::Text(text) => {
                let value = self.string(&text)?;
                self.synthetic(value)
            }
            ModuleBody::Data(bytes) => {
                let value = self.array_buffer(&bytes)?;
                self.synthetic(value)
            }
            ModuleBody::Wasm(bytes) => {
                let bytes = self.array_buffer(&bytes)?;
                let constructor = self.wasm_constructor()?;
                let value =
                    self.with_wasm_allowed(|scope| scope.construct(constructor, [bytes]))?;
                self.synthetic(value)
            }
        }
    }

    /// Keeps the engine's `WebAssembly.Module`, for as long as no code can have replaced it.
    fn keep_wasm_constructor(&mut self) -> Result<(), Throw> {
        if self.state.modules.wasm_constructor.get().is_none() {
            let global = self.global();
            let wasm = self.get(global, c"WebAssembly")?;
            let constructor = self.get(wasm, c"Module")?;
            let kept = self.persist(constructor);
            let _ = self.state.modules.wasm_constructor.set(kept);
        }
        Ok(())
    }

    /// The constructor that is called while compiling is allowed. One that the realm's code has put
    /// in its place could compile other bytes meanwhile.
    fn wasm_constructor(&mut self) -> Result<Local<'s>, Throw> {
        let kept = self.state.modules.wasm_constructor.get();
        let bits = kept.and_then(|kept| kept.value_in(self.state)).ok_or_else(|| {
            Throw::TypeError("there is no WebAssembly without machine code (no-jit)".to_owned())
        })?;
        Ok(self.root(bits))
    }

    fn synthetic(&mut self, default: Local<'_>) -> Result<Local<'s>, Throw> {
        // SAFETY: the value is rooted; the result is rooted before anything else runs.
        let module = unsafe { CreateDefaultExportSyntheticModule(self.cx(), default.raw()) };
        self.root_new(module)
    }

    fn install_hooks(&mut self) {
        if self.state.modules.hooked.replace(true) {
            return;
        }
        // SAFETY: the runtime is this context's; the hooks find their state through the context.
        unsafe {
            let runtime: *mut JSRuntime = mozjs::jsapi::JS_GetRuntime(self.cx());
            SetModuleLoadHook(runtime, Some(load_imported));
            SetModuleMetadataHook(runtime, Some(import_meta));
        }
    }

    /// Resolves `specifier` as the module with index `referrer` says it.
    fn resolve_import(&mut self, referrer: Option<u32>, specifier: &str) -> Option<u32> {
        let modules = &self.state.modules;
        let (name, is_platform) = {
            let records = modules.records.borrow();
            let from = referrer.map_or("", |index| records[index as usize].name.as_str());
            let is_platform =
                referrer.is_some_and(|index| records[index as usize].origin == Origin::Platform);
            (resolve(from, specifier)?, is_platform)
        };
        if is_platform {
            return modules.of_platform(&name);
        }
        if name.starts_with(PLATFORM_SCHEME) {
            return None;
        }
        // The author's own module goes before one of the platform's that has the same name.
        modules.recorded(Origin::Author, &name).or_else(|| {
            let builtins = modules.builtins.get()?;
            modules.of_platform(builtins(specifier)?)
        })
    }

    /// The work of [`load_imported`], with errors as results.
    fn import(
        &mut self,
        referrer: Option<u32>,
        request: Local<'_>,
        position: (u32, u32),
    ) -> Result<Local<'s>, Throw> {
        let cx = self.cx();
        // SAFETY: the request is rooted; the string is rooted before anything else runs.
        let specifier = unsafe {
            rooted!(in(cx) let request = request.bits().to_object());
            GetModuleRequestSpecifier(cx, request.handle().into())
        };
        let specifier = std::ptr::NonNull::new(specifier).map(|string| self.root_string(string));
        let specifier = self.to_utf8(specifier.ok_or(Throw::Pending)?)?;
        let Some(index) = self.resolve_import(referrer, &specifier) else {
            let modules = &self.state.modules;
            let referrer = referrer
                .map(|index| modules.records.borrow()[index as usize].name.clone())
                .unwrap_or_default();
            let message = format!("Cannot find module '{specifier}' imported from '{referrer}'");
            let (line, column) = position;
            *modules.unresolved.borrow_mut() =
                Some(UnresolvedImport { specifier, referrer, line, column });
            return Err(Throw::TypeError(message));
        };
        self.module_at(index)
    }
}

/// Resolves a specifier against the name of the module that says it: relative ones as paths,
/// which cannot leave the root, others as they are.
fn resolve(from: &str, specifier: &str) -> Option<String> {
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return Some(specifier.strip_prefix('/').unwrap_or(specifier).to_owned());
    }
    let (scheme, path) = match from.strip_prefix(PLATFORM_SCHEME) {
        Some(path) => (PLATFORM_SCHEME, path),
        None => ("", from),
    };
    let mut segments: Vec<&str> = path.split('/').collect();
    segments.pop();
    for segment in specifier.split('/') {
        match segment {
            "." | "" => {}
            ".." => {
                segments.pop()?;
            }
            segment => segments.push(segment),
        }
    }
    Some(format!("{scheme}{}", segments.join("/")))
}

/// The index behind a module's or script's private value.
fn record_index(private: Value) -> Option<u32> {
    private.is_int32().then(|| private.to_int32() as u32)
}

/// HostLoadImportedModule (ECMA-262 §16.2.1.9). Answers before it returns.
///
/// # Safety
///
/// Only the engine calls it, with the context of the isolate and rooted handles.
unsafe extern "C" fn load_imported(
    cx: *mut JSContext,
    referrer: Handle<*mut JSScript>,
    request: Handle<*mut JSObject>,
    _host_defined: Handle<Value>,
    payload: Handle<Value>,
    line: u32,
    column: ColumnNumberOneOrigin,
) -> bool {
    // SAFETY: a hook runs on the isolate's thread with its realm entered; this scope ends before
    // the hook returns; the engine's handles stay rooted meanwhile.
    unsafe {
        let mut scope = Scope::new(State::of(cx));
        rooted!(in(cx) let mut private = UndefinedValue());
        if !(*referrer.ptr).is_null() {
            JS_GetScriptPrivate(*referrer.ptr, private.handle_mut().into());
        }
        let index = record_index(private.get());
        rooted!(in(cx) let payload_object = (*payload.ptr).to_object());
        let is_dynamic = mozjs::jsapi::IsPromiseObject(payload_object.handle().into());
        let request_local = scope.root(ObjectValue(*request.ptr));
        let loaded = scope.import(index, request_local, (line, column._base)).and_then(|module| {
            // A dynamic import's own dependencies are the embedder's to load.
            if is_dynamic {
                scope.load_requested(module)?;
            }
            Ok(module)
        });
        match loaded {
            Ok(module) => {
                rooted!(in(cx) let object = module.bits().to_object());
                let result = object.handle().into();
                FinishLoadingImportedModule(cx, referrer, request, payload, result, is_dynamic)
            }
            Err(throw) => {
                scope.raise(&throw);
                if scope.is_terminated() || !mozjs::jsapi::JS_IsExceptionPending(cx) {
                    return false;
                }
                FinishLoadingImportedModuleFailedWithPendingException(cx, payload)
            }
        }
    }
}

/// # Safety
///
/// Only the engine calls it, when all modules that a module requests are loaded.
unsafe extern "C" fn load_resolved(_: *mut JSContext, _: Handle<Value>) -> bool {
    true
}

/// Leaves the error pending, for [`Scope::load_requested`] to find.
///
/// # Safety
///
/// Only the engine calls it, with the context of the isolate and rooted handles.
unsafe extern "C" fn load_rejected(
    cx: *mut JSContext,
    _host_defined: Handle<Value>,
    error: Handle<Value>,
) -> bool {
    // SAFETY: the context is live and the error rooted.
    unsafe {
        mozjs::jsapi::JS_SetPendingException(
            cx,
            error,
            mozjs::jsapi::ExceptionStackBehavior::DoNotCapture,
        );
    }
    true
}

/// HostGetImportMetaProperties: `url`.
///
/// # Safety
///
/// Only the engine calls it, with the context of the isolate and rooted handles.
unsafe extern "C" fn import_meta(
    cx: *mut JSContext,
    module: Handle<*mut JSObject>,
    meta: Handle<*mut JSObject>,
) -> bool {
    // SAFETY: a hook runs on the isolate's thread with its realm entered; this scope ends before
    // the hook returns.
    unsafe {
        let state = State::of(cx);
        let mut scope = Scope::new(state);
        rooted!(in(cx) let mut private = UndefinedValue());
        JS_GetModulePrivate(*module.ptr, private.handle_mut().into());
        let name = record_index(private.get())
            .map(|index| state.modules.records.borrow()[index as usize].name.clone())
            .unwrap_or_default();
        let meta = scope.root(ObjectValue(*meta.ptr));
        let url = match scope.string(&format!("file:///{name}")) {
            Ok(url) => url,
            Err(_) => return false,
        };
        scope.define(meta, c"url", url).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn relative_specifiers_are_paths() {
        assert_eq!(resolve("a/b.js", "./c.js").as_deref(), Some("a/c.js"));
        assert_eq!(resolve("a/b.js", "../c.js").as_deref(), Some("c.js"));
        assert_eq!(resolve("b.js", "../c.js"), None);
        assert_eq!(resolve("insula:x/y.js", "../z.js").as_deref(), Some("insula:z.js"));
        assert_eq!(resolve("insula:y.js", "../z.js"), None);
        assert_eq!(resolve("b.js", "hono").as_deref(), Some("hono"));
    }
}
