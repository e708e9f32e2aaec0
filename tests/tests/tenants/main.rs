//! Walls and limits between tenants, and what survives when something dies.

mod crash;
mod isolation;
mod lifecycle;
mod limits;
mod policy;
