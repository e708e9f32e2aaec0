use std::time::Duration;

use insula_spidermonkey::{Args, Local, Scope, Throw};

use super::{embedder, integer};

pub(super) fn now<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let elapsed = embedder(scope).host.elapsed();
    Ok(scope.number(elapsed.as_secs_f64() * 1000.0))
}

pub(super) fn time_origin<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let origin = embedder(scope).host.time_origin();
    Ok(scope.number(origin))
}

pub(super) fn timer_start<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let id = integer(args.get(0))?;
    let milliseconds = args.get(1).as_f64().unwrap_or(0.0).clamp(0.0, f64::from(i32::MAX));
    let stream = scope.context_number();
    embedder(scope).host.start_timer(id, Duration::from_secs_f64(milliseconds / 1000.0), stream);
    Ok(scope.undefined())
}

pub(super) fn timer_cancel<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    embedder(scope).host.cancel_timer(integer(args.get(0))?);
    Ok(scope.undefined())
}
