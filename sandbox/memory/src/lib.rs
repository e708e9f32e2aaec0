//! Memory budgets: what each isolate of a process may take, though all of them share one heap.
//!
//! A program that links this crate has `malloc` and its kin, `mmap` and its kin from here, for all
//! code in it, the engine's C++ included. Both go to the C library and the kernel; what they hand
//! out while a thread is [attached](Account::attach) to an account is charged to that account, and
//! refused beyond its limit. What is given back is credited to whoever was charged, on whichever
//! thread that happens: the engine frees on helper threads.
//!
//! - A block of [`LARGE`](heap) bytes or more carries its owner behind its content; smaller blocks
//!   are not counted. They hang on objects in the collected heap, which is counted, so their sum is
//!   a small multiple of it.
//! - Mappings are remembered by address ([`pages`]). The one in which an isolate's heap begins is kept for the next
//!   isolate ([`hulls`]).
//! - Mappings, reserved addresses and machine code run out for the whole process, so an account has a
//!   budget of each, and all together have a bound ([`supply`]).
//! - What the engine's helper threads take, which work for an isolate without saying for which, has a bound for all of
//!   them ([`unnamed`]).
//!
//! Rust code must not be refused, for it aborts the process then: make [`Charged`] the global
//! allocator, which charges and never refuses, and [`exempt`] calls into C++ code that cannot take
//! a refusal.
//!
//! Pages of machine code change their rights once instead of once for each piece, where it is known that nothing of it
//! is run meanwhile: [`write_code`].
//!
//! Beside that, [`Fiber`] gives work a stack of its own.

mod account;
mod code;
mod exempt;
mod fiber;
mod heap;
mod hulls;
mod meter;
mod note;
mod pages;
mod regions;
mod supply;
mod unnamed;

pub use account::{
    Account, Attached, Usage, is_alarmed, is_exhausted, is_short_of_code, listen, rearm,
};
pub use code::{write_code, write_last_code};
pub use exempt::{Collecting, collect, exempt};
pub use fiber::{Fiber, Pause, Step};
pub use heap::{Charged, settle_threshold, trim};
pub use hulls::end_heap;
pub use unnamed::unnamed;
