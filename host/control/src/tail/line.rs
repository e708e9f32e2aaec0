use insula_supervisor::{ErrorDetail, LogLevel, Outcome, RequestError, StartError, TenantEvent};

use super::Recorded;
use crate::api::{TailError, TailEvent, TailLevel, TailLine};
use crate::id::version_of;

impl Recorded {
    /// The line that readers see; `None` for a kind of event that has none.
    pub(super) fn line(&self) -> Option<TailLine> {
        Some(TailLine {
            time_ms: self.time_ms,
            deployment: version_of(&self.deployment).to_owned(),
            event: event(&self.event)?,
        })
    }

    /// Adds the source line of an error that no source map has explained.
    pub(super) async fn find_source_line(&self, line: &mut TailLine) {
        if let Some(detail) = detail_in(&mut line.event)
            && detail.line > 0
            && detail.source_line.is_empty()
            && !detail.mapped
            && let Ok(bundle) = self.code.read().await
        {
            detail.find_source_line(&bundle);
        }
    }
}

fn detail_in(event: &mut TailEvent) -> Option<&mut ErrorDetail> {
    match event {
        TailEvent::Exception { detail, .. } => Some(detail),
        TailEvent::Outcome { error: Some(TailError { detail, .. }), .. } => detail.as_mut(),
        _ => None,
    }
}

/// Bytes of text that an event holds.
pub(super) fn text_bytes(event: &TenantEvent) -> usize {
    match event {
        TenantEvent::Log(log) => log.text.len(),
        TenantEvent::Exception(exception) => detail_bytes(&exception.detail),
        TenantEvent::Outcome(outcome) => {
            outcome.request_line.len()
                + outcome.result.as_ref().err().and_then(detail).map_or(0, detail_bytes)
        }
        _ => 0,
    }
}

fn event(event: &TenantEvent) -> Option<TailEvent> {
    Some(match event {
        TenantEvent::Log(log) => {
            TailEvent::Log { request: log.request, level: level(log.level), text: log.text.clone() }
        }
        TenantEvent::Exception(exception) => {
            TailEvent::Exception { request: exception.request, detail: exception.detail.clone() }
        }
        TenantEvent::Outcome(outcome) => outcome_event(outcome),
        TenantEvent::Started { cpu_us, wall_us } => {
            TailEvent::Started { cpu_us: *cpu_us, wall_us: *wall_us }
        }
        TenantEvent::Breach { request, limit } => {
            TailEvent::Breach { request: *request, limit: limit.name().to_owned() }
        }
        TenantEvent::BackingOff { pause } => {
            TailEvent::BackingOff { pause_ms: pause.as_millis().try_into().unwrap_or(u64::MAX) }
        }
        _ => return None,
    })
}

fn outcome_event(outcome: &Outcome) -> TailEvent {
    TailEvent::Outcome {
        request: outcome.request,
        request_line: outcome.request_line.clone(),
        status: outcome.result.as_ref().ok().copied(),
        error: outcome.result.as_ref().err().map(|error| TailError {
            message: error.to_string(),
            blame: error.blame(),
            detail: detail(error).cloned(),
        }),
        cpu_us: outcome.cpu_us,
        wall_us: outcome.wall_us,
    }
}

fn detail(error: &RequestError) -> Option<&ErrorDetail> {
    match error {
        RequestError::Tenant { detail, .. }
        | RequestError::Start(StartError::Boot { detail, .. }) => Some(detail),
        _ => None,
    }
}

fn detail_bytes(detail: &ErrorDetail) -> usize {
    detail.message.len() + detail.stack.len() + detail.file.len() + detail.source_line.len()
}

fn level(level: LogLevel) -> TailLevel {
    match level {
        LogLevel::Debug => TailLevel::Debug,
        LogLevel::Log => TailLevel::Log,
        LogLevel::Info => TailLevel::Info,
        LogLevel::Warn => TailLevel::Warn,
        LogLevel::Error => TailLevel::Error,
    }
}
