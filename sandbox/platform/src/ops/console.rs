use insula_spidermonkey::{Args, Local, Scope, Throw};
use insula_wire::{IsolateFrame, LogLevel};

use super::{embedder, integer, text};
use crate::host::report;

pub(super) fn log<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let level = LogLevel::ALL.get(integer(args.get(0))? as usize).copied();
    let line = text(scope, args.get(1))?;
    let stream = scope.context_number();
    embedder(scope).host.log(stream, level.unwrap_or(LogLevel::Log), &line);
    Ok(scope.undefined())
}

pub(super) fn report_exception<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let mut info = scope.describe_error(args.get(0));
    let stream = scope.context_number();
    embedder(scope).host.send(IsolateFrame::Exception { stream, error: report(&mut info) });
    Ok(scope.undefined())
}
