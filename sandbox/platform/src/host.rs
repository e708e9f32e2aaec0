use std::time::Duration;

use insula_spidermonkey::ErrorInfo;
use insula_wire::{ErrorReport, IsolateFrame, LogLevel};

/// What the platform needs from the event loop around it. All calls are on the isolate's thread
/// and return at once.
pub trait Host: 'static {
    /// Queues a frame for the host.
    fn send(&self, frame: IsolateFrame<'_>);

    /// Writes a line to the tenant's log.
    fn log(&self, stream: u32, level: LogLevel, text: &str);

    /// Makes the platform's timer `id` fire after `delay`, for the request on `stream`.
    fn start_timer(&self, id: u32, delay: Duration, stream: u32);

    /// Forgets the timer.
    fn cancel_timer(&self, id: u32);

    /// The request on `stream` is over: its time can be settled.
    fn request_done(&self, stream: u32);

    /// Time since the isolate began, as tenants may see it.
    fn elapsed(&self) -> Duration;

    /// Milliseconds from the epoch to the isolate's beginning.
    fn time_origin(&self) -> f64;
}

/// The engine's error as it travels.
pub(crate) fn report(info: &ErrorInfo) -> ErrorReport<'_> {
    ErrorReport {
        message: &info.message,
        stack: &info.stack,
        file: &info.file,
        line: info.line,
        column: info.column,
    }
}
