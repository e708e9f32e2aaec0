//! One behaviour per file, each in an isolate of its own.

mod compilers;
mod contexts;
mod errors;
mod gc;
mod interrupts;
mod modules;
mod ops;
mod policy;
mod promises;
mod stencils;
mod support;
mod values;
