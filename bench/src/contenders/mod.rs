//! The servers that are measured, all with the same handler.

pub mod ceiling;
pub mod insula;
pub mod workerd;

use std::fmt::Debug;

use crate::{
    args::{Args, Name},
    error::BenchError,
};

/// A running server.
pub trait Contender: Debug {
    fn name(&self) -> Name;
    /// `host:port` where it answers.
    fn address(&self) -> &str;
    /// What follows the tenant's name in the Host header.
    fn domain(&self) -> &str {
        "localhost"
    }
    /// The process whose family is measured.
    fn pid(&self) -> u32;
}

/// Starts every contender that takes part, with tenants `t1` to `t<tenants>` deployed.
pub fn start_all(args: &Args, tenants: u32) -> Result<Vec<Box<dyn Contender>>, BenchError> {
    let mut started: Vec<Box<dyn Contender>> = Vec::new();
    if args.has(Name::Insula) {
        let mut insula = insula::Insula::start(args)?;
        insula.deploy(tenants)?;
        started.push(Box::new(insula));
    }
    if args.has(Name::Workerd) {
        started.push(Box::new(workerd::Workerd::start(args, tenants)?));
    }
    if args.has(Name::Hyper) {
        started.push(Box::new(ceiling::Ceiling::start()?));
    }
    Ok(started)
}

/// The code of a tenant. Each has its own text, so that nobody gains by caching one for all.
fn tenant_source(tenant: u32) -> String {
    format!(
        "const tenant = \"t{tenant}\";\n\
         export default {{ fetch() {{ return new Response(\"Hello, world!\\n\", {{ headers: {{ \"x-tenant\": tenant }} }}); }} }};\n"
    )
}
