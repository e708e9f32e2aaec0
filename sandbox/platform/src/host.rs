use std::time::Duration;

use insula_spidermonkey::{ErrorInfo, PLATFORM_SCHEME};
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

    /// The request on `stream` is over: its time can be settled. Stream 0: so is the wait of
    /// `beforeunload`.
    fn request_done(&self, stream: u32);

    /// Time since the isolate began, as tenants may see it.
    fn elapsed(&self) -> Duration;

    /// Bytes that the isolate takes; 0 where nobody counts.
    fn memory(&self) -> u64 {
        0
    }

    /// Milliseconds from the epoch to the isolate's beginning.
    fn time_origin(&self) -> f64;
}

/// The engine's error as it travels: without the platform's own frames, which are no business of
/// the tenant's author.
pub fn report(info: &mut ErrorInfo) -> ErrorReport<'_> {
    let is_own = |frame: &&str| !frame.contains(PLATFORM_FRAME);
    let stack: Vec<&str> = info.stack.lines().filter(is_own).collect();
    if info.file.starts_with(PLATFORM_SCHEME) {
        let place = stack.first().and_then(|frame| place_of(frame));
        let (file, line, column) = place.unwrap_or_default();
        (info.file, info.line, info.column) = (file.to_owned(), line, column);
    }
    info.stack = stack.join("\n");
    ErrorReport {
        message: &info.message,
        stack: &info.stack,
        file: &info.file,
        line: info.line,
        column: info.column,
    }
}

/// What the frames of the platform's modules have in them.
const PLATFORM_FRAME: &str = "@insula:";

/// File, line and column of a frame: `function@file:line:column`.
fn place_of(frame: &str) -> Option<(&str, u32, u32)> {
    let (_, place) = frame.split_once('@')?;
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_platform_are_not_shown() {
        let mut info = ErrorInfo {
            message: "TypeError: no".into(),
            stack: "fetch@insula:fetch.js:1:2\ninner@lib/a.js:3:4\n@insula:main.js:5:6".into(),
            file: "insula:fetch.js".into(),
            line: 1,
            column: 2,
        };
        let report = report(&mut info);
        assert_eq!(report.stack, "inner@lib/a.js:3:4");
        assert_eq!((report.file, report.line, report.column), ("lib/a.js", 3, 4));
    }
}
