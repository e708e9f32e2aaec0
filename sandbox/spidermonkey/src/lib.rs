//! A safe, rooted API over the SpiderMonkey engine. No type of `mozjs` leaves this crate.
//!
//! # How values stay rooted
//!
//! The engine moves and frees its objects, so a raw pointer to one is a hazard. Here a value is
//! only ever held as a [`Local`]: the address of a slot that the collector traces and updates.
//! Slots belong to a [`Scope`], the token through which the engine is called, and a `Local<'s>`
//! cannot outlive its scope, because the borrow checker says so. What must live longer is held
//! as a [`Persistent`]. There is no way to spell an unrooted value.
//!
//! ```compile_fail
//! # use insula_spidermonkey::*;
//! fn escape(isolate: &mut Isolate) {
//!     let escaped = isolate.enter(|scope| scope.string("gone").unwrap());
//! }
//! ```
//!
//! A nested scope frees what it made when it ends, and its values cannot be used after it with
//! the outer scope:
//!
//! ```compile_fail
//! # use insula_spidermonkey::*;
//! fn use_after_scope(outer: &mut Scope<'_>) {
//!     let value = { let mut inner = outer.nested(); inner.string("gone").unwrap() };
//!     outer.to_utf8(value).unwrap();
//! }
//! ```
//!
//! # Threads
//!
//! One [`Engine`] per process, on the main thread. Each [`Isolate`] is a runtime with one realm,
//! made from a [`Seed`] on the thread where it lives and dies; it cannot be sent. The only thing
//! that other threads get is an [`InterruptHandle`].
//!
//! # Errors
//!
//! A call that can run JavaScript returns `Result<_, Throw>`: an exception is pending in the
//! engine, or the isolate was terminated. [`Scope::take_exception`] turns that into data.

mod bytes;
mod causes;
mod clone;
mod engine;
mod exception;
mod function;
mod global;
mod helpers;
mod isolate;
mod jobs;
mod local;
mod members;
mod module;
mod natives;
mod object;
mod policy;
mod promise;
mod resource;
mod roots;
mod scope;
mod state;
mod stencil;
mod string;

pub use bytes::Memory;
pub use clone::ObjectKind;
pub use engine::{Engine, EngineError, Jit, Seed, exit_now};
pub use exception::{ErrorInfo, Throw, Thrown};
pub use function::{Args, Op};
pub use isolate::{InterruptAction, InterruptHandle, Isolate, IsolateOptions};
pub use local::{Local, Persistent};
pub use module::{Builtins, ModuleBody, PLATFORM_SCHEME, SharedModules, UnresolvedImport};
pub use natives::{Native, NativeEntry, Natives};
pub use promise::PromiseState;
pub use scope::Scope;
pub use stencil::Stencil;
pub use string::StringRef;
