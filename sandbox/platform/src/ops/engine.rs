use insula_spidermonkey::{Args, Local, ObjectKind, PLATFORM_SCHEME, PromiseState, Scope, Throw};

use super::{embedder, text};
use crate::builtins;
use crate::dispatch::evaluate_platform_module;
use crate::image::module_name;

pub(super) fn load_module<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let path = text(scope, args.get(0))?;
    evaluate_platform_module(scope, &path)
}

pub(super) fn loaded_module<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let path = text(scope, args.get(0))?;
    match scope.loaded_namespace(&module_name(&path))? {
        Some(namespace) => Ok(namespace),
        None => Ok(scope.undefined()),
    }
}

/// The language's own global of this name, whatever code has put in its place.
pub(super) fn intrinsic<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let name = text(scope, args.get(0))?;
    scope.intrinsic(&name)
}

/// The path of the module that tenants import by this name; undefined if there is none.
pub(super) fn builtin_path<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let name = text(scope, args.get(0))?;
    match builtins::resolve(&name) {
        Some(module) => scope.string(&module.replacen(PLATFORM_SCHEME, "./", 1)),
        None => Ok(scope.undefined()),
    }
}

/// The names of the modules that tenants can import.
pub(super) fn builtin_names<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let names: Result<Vec<_>, _> = builtins::names().map(|name| scope.string(name)).collect();
    scope.array(&names?)
}

/// Makes the members of a class enumerable, its static ones too.
pub(super) fn make_enumerable<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let class = args.get(0);
    let prototype = scope.get(class, c"prototype")?;
    scope.make_enumerable(prototype, &["constructor"])?;
    scope.make_enumerable(class, &["length", "name", "prototype"])?;
    Ok(scope.undefined())
}

/// Gives an object the members of another.
pub(super) fn copy_members<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.copy_members(args.get(0), args.get(1))?;
    Ok(scope.undefined())
}

/// Bytes that the isolate takes.
pub(super) fn memory_usage<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let bytes = embedder(scope).host.memory();
    Ok(scope.number(bytes as f64))
}

/// `js/node/ticks.js` wants to be called before the next promise job.
pub(super) fn schedule_ticks<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    embedder(scope).ticks.set(true);
    Ok(scope.undefined())
}

/// The deployment's variables: a name, its value, the next name.
pub(super) fn variables<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let variables = &embedder(scope).variables;
    let mut flat = Vec::new();
    for (name, value) in variables.borrow().iter() {
        flat.push(scope.string(name)?);
        flat.push(scope.string(value)?);
    }
    scope.array(&flat)
}

pub(super) fn structured_clone<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    scope.structured_clone(args.get(0), args.get(1))
}

/// What an object is made of: a number that `structured_clone.js` knows.
pub(super) fn object_kind<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let kind = scope.object_kind(args.get(0))?;
    Ok(scope.number(match kind {
        ObjectKind::Other => 0.0,
        ObjectKind::Plain => 1.0,
        ObjectKind::Array => 2.0,
        ObjectKind::DenseArray => 3.0,
        ObjectKind::Wrapper | ObjectKind::RegExp => 4.0,
        ObjectKind::Error => 5.0,
        ObjectKind::Date => 6.0,
        ObjectKind::Map => 7.0,
        ObjectKind::Set => 8.0,
        ObjectKind::ArrayBuffer => 9.0,
    }))
}

pub(super) fn class_of<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let name = scope.class_name(args.get(0));
    scope.string(name)
}

pub(super) fn promise_state<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let state = match scope.promise_state(args.get(0)) {
        None | Some(PromiseState::Pending) => 0.0,
        Some(PromiseState::Fulfilled) => 1.0,
        Some(PromiseState::Rejected) => 2.0,
    };
    Ok(scope.number(state))
}

pub(super) fn promise_result<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    Ok(scope.promise_result(args.get(0)))
}

pub(super) fn new_promise<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.promise()
}

/// `resolvePromise(promise, value)`, for one of `newPromise`.
pub(super) fn resolve_promise<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    scope.resolve(args.get(0), args.get(1))?;
    Ok(scope.undefined())
}

/// `rejectPromise(promise, reason)`, for one of `newPromise`.
pub(super) fn reject_promise<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    scope.reject(args.get(0), args.get(1))?;
    Ok(scope.undefined())
}

pub(super) fn react<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.react(args.get(0), args.get(1), args.get(2))?;
    Ok(scope.undefined())
}

/// `queueJob(steps)`: a microtask, under the context of the code that runs. `steps` may not throw.
pub(super) fn queue_job<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.queue_job(args.get(0))?;
    Ok(scope.undefined())
}

/// `queueJobUnder(context, steps)`: the same, under what `context` has returned.
pub(super) fn queue_job_under<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    scope.queue_job_under(args.get(0), args.get(1))?;
    Ok(scope.undefined())
}

pub(super) fn mark_promise_handled<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    scope.mark_handled(args.get(0))?;
    Ok(scope.undefined())
}

pub(super) fn is_array_buffer_detached<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let detached = scope.is_detached(args.get(0));
    Ok(scope.boolean(detached))
}

/// The context of the code that runs: `setContext` makes it current again later.
pub(super) fn context<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    Ok(scope.current_context())
}

/// What code has put into its context.
pub(super) fn context_stores<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    Ok(scope.context_data())
}

/// Makes a context current that belongs to the same request and carries something else. Returns the
/// one that was current.
pub(super) fn enter_stores<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let left = scope.current_context();
    scope.replace_context_data(args.get(0))?;
    Ok(left)
}

pub(super) fn set_context<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.restore_context(args.get(0))?;
    Ok(scope.undefined())
}
