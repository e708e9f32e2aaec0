use std::io::{BufRead, BufReader};

use insula_control::api::{TailEvent, TailLevel, TailLine};
use insula_supervisor::ErrorDetail;

use super::admin::{Admin, segment};
use super::say;
use crate::args::TenantArgs;
use crate::diagnostic::Diagnostic;
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
            format!("{time} {} {:5} {text}", number(*request), level_name(*level))
        }
        TailEvent::Exception { request, detail } => {
            format!("{time} {} uncaught {}", number(*request), detail_text(detail))
        }
        TailEvent::Outcome { request, request_line, status, error, cpu_us, wall_us } => {
            let result = match (status, error) {
                (Some(status), _) => status.to_string(),
                (None, Some(error)) => error.message.clone(),
                (None, None) => "no answer".to_owned(),
            };
            let request = number(Some(*request));
            let (cpu, wall) = (duration(*cpu_us), duration(*wall_us));
            format!("{time} {request} {request_line} -> {result}  ({wall}, {cpu} of CPU)")
        }
        TailEvent::Started { cpu_us, wall_us } => {
            let (cpu, wall) = (duration(*cpu_us), duration(*wall_us));
            format!("{time} {} isolate started ({wall}, {cpu} of CPU)", number(None))
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
    if detail.stack.is_empty() {
        return detail.to_string();
    }
    let stack: String =
        detail.stack.trim_end().lines().map(|line| format!("\n    {line}")).collect();
    format!("{}{stack}", detail.message)
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
}
