use std::io::{BufRead, BufReader};

use insula_control::api::{TailEvent, TailLevel, TailLine};
use insula_supervisor::ErrorDetail;

use super::admin::{Admin, segment};
use super::say;
use crate::args::TenantArgs;
use crate::diagnostic::{Diagnostic, Spot};
use crate::failure::Failure;
use crate::text::{clock, duration, printable};

/// `insula tail`: what just happened, then what happens, until one side goes away.
///
/// # Errors
///
/// [`Failure`], also when the server ends the stream.
pub fn tail(args: &TenantArgs) -> Result<(), Failure> {
    let path = format!("/v1/tenants/{}/tail?recent=true", segment(&args.name));
    let body = Admin::find(&args.server)?.stream(&path)?;
    for line in BufReader::new(body.into_reader()).lines() {
        let line =
            line.map_err(|error| Diagnostic::new(format!("the stream broke off: {error}")))?;
        if line.is_empty() {
            continue;
        }
        if args.json {
            say(&(line + "\n"))?;
        } else {
            let event: TailLine = serde_json::from_str(&line)
                .map_err(|error| Diagnostic::new(format!("cannot read an event: {error}")))?;
            say(&show_event(&event))?;
        }
    }
    let message = "the server ended the stream: it is shutting down, or the tenant is deleted";
    Err(Diagnostic::new(message).into())
}

/// The event for a terminal, line breaks included. Harmless whatever the tenant wrote.
pub fn show_event(line: &TailLine) -> String {
    let time = clock(line.time_ms);
    let text = match &line.event {
        TailEvent::Log { request, level, text } => {
            let text = indented(text);
            format!("{time} {} {:5} {text}", number(*request), level_name(*level))
        }
        TailEvent::Exception { request, detail } => {
            format!("{time} {} uncaught {}", number(*request), detail_text(detail))
        }
        TailEvent::Outcome { request, request_line, status, error, cpu_us, wall_us } => {
            let result = match (status, error) {
                (Some(status), _) => status.to_string(),
                // Further lines of the message tell the place, which follows in a better way.
                (None, Some(error)) => error.message.lines().next().unwrap_or_default().to_owned(),
                (None, None) => "no answer".to_owned(),
            };
            let detail = error.as_ref().and_then(|error| error.detail.as_ref());
            let place = detail.map(place).unwrap_or_default();
            let request = number(Some(*request));
            let (cpu, wall) = (duration(*cpu_us), duration(*wall_us));
            format!("{time} {request} {request_line} -> {result}  ({wall}, {cpu} of CPU){place}")
        }
        TailEvent::Started { cpu_us, wall_us } => {
            let (cpu, wall) = (duration(*cpu_us), duration(*wall_us));
            format!("{time} {} isolate started ({wall}, {cpu} of CPU)", number(None))
        }
        TailEvent::Breach { request, limit } => {
            format!("{time} {} broke a limit: {limit}", number(*request))
        }
        TailEvent::BackingOff { pause_ms } => {
            let pause = duration(pause_ms.saturating_mul(1000));
            format!(
                "{time} {} limits are broken over and over: no isolate for {pause}",
                number(None)
            )
        }
        TailEvent::Missed { count } => {
            format!("{time} {} {count} events were left out: this reader is too slow", number(None))
        }
    };
    printable(&text) + "\n"
}

fn number(request: Option<u64>) -> String {
    request.map_or_else(|| "    -".to_owned(), |number| format!("{:>5}", format!("#{number}")))
}

fn level_name(level: TailLevel) -> &'static str {
    match level {
        TailLevel::Debug => "debug",
        TailLevel::Log => "log",
        TailLevel::Info => "info",
        TailLevel::Warn => "warn",
        TailLevel::Error => "error",
    }
}

fn detail_text(detail: &ErrorDetail) -> String {
    indented(&detail.message) + &place(detail)
}

/// Further lines stand apart, so that none of them passes for an event.
fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}

/// The source line with a caret and the stack, on lines of their own.
fn place(detail: &ErrorDetail) -> String {
    let mut lines = Vec::new();
    if !detail.file.is_empty() {
        let spot = Spot {
            file: detail.file.clone(),
            line: detail.line,
            column: detail.column,
            source_line: detail.source_line.to_string(),
            width: 1,
        };
        lines.push(format!("at {}", spot.position()));
        if !spot.source_line.is_empty() && spot.column > 0 {
            lines.push(format!("  {}", spot.source_line));
            lines.push(format!("  {}^", spot.padding()));
        }
    }
    lines.extend(detail.stack.trim_end().lines().map(|frame| format!("  {}", frame.trim())));
    lines.iter().map(|line| format!("\n    {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tenant_logs_cannot_drive_the_terminal() {
        let line = r#"{"time_ms":1000,"deployment":"d","type":"log","request":7,"level":"warn","text":"a\u001b[2Jb"}"#;
        let shown = show_event(&serde_json::from_str(line).unwrap());
        assert_eq!(shown, "00:00:01.000    #7 warn  a\u{fffd}[2Jb\n");
    }

    #[test]
    fn what_a_tenant_logs_cannot_pass_for_an_event() {
        let line = r#"{"time_ms":0,"deployment":"d","type":"log","request":7,"level":"log","text":"a\n00:00:00.001    #8 log   b"}"#;
        let shown = show_event(&serde_json::from_str(line).unwrap());
        assert_eq!(shown, "00:00:00.000    #7 log   a\n    00:00:00.001    #8 log   b\n");
    }

    #[test]
    fn a_failure_shows_its_place_below_its_line() {
        let line = r#"{"time_ms":0,"deployment":"d","type":"outcome","request":1,"request_line":"GET http://a/",
            "error":{"message":"the handler threw: Error: x\n    at a.js:1:2\n","blame":"tenant",
            "detail":{"message":"Error: x","stack":"f@a.js:1:2\n","file":"a.js","line":1,"column":2,"source_line":"\tx()"}},
            "cpu_us":1,"wall_us":2}"#;
        let shown = show_event(&serde_json::from_str(line).unwrap());
        assert_eq!(
            shown,
            "00:00:00.000    #1 GET http://a/ -> the handler threw: Error: x  (2 µs, 1 µs of CPU)\n    \
             at a.js:1:2\n      \tx()\n      \t^\n      f@a.js:1:2\n"
        );
    }
}
