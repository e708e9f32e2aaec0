use futures_util::FutureExt;
use insula_supervisor::{ErrorDetail, Exception, Outcome, RequestError, TenantEvent};

use super::fixture::{deployment, log};
use crate::api::{TailEvent, TailLevel, TailLine};
use crate::{TailHub, TailStream};

fn hub() -> TailHub {
    let hub = TailHub::default();
    hub.open("alice".into());
    hub
}

fn publish(hub: &TailHub, text: &str) {
    hub.publish(&deployment("alice", "01abc.3", "code"), log(text));
}

/// The texts of the log lines that are there now.
fn texts(stream: &mut TailStream) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(Some(line)) = stream.next().now_or_never() {
        match line.event {
            TailEvent::Log { text, .. } => texts.push(text),
            other => texts.push(format!("{other:?}")),
        }
    }
    texts
}

#[test]
fn a_reader_gets_what_just_happened_and_what_happens_next() {
    let hub = hub();
    publish(&hub, "before");
    let mut late = hub.subscribe_with_recent("alice");
    let mut live = hub.subscribe("alice");
    publish(&hub, "after");
    assert_eq!(texts(&mut late), ["before", "after"]);
    assert_eq!(texts(&mut live), ["after"]);
    publish(&hub, "later");
    assert_eq!(texts(&mut late), ["later"]);
}

#[test]
fn a_line_says_when_where_and_what() {
    let hub = hub();
    publish(&hub, "text");
    let line = hub.subscribe_with_recent("alice").next().now_or_never().unwrap().unwrap();
    assert_eq!(line.deployment, "01abc", "the version, not the isolate's id");
    assert!(line.time_ms > 0);
    assert_eq!(
        line.event,
        TailEvent::Log { request: Some(2), level: TailLevel::Warn, text: "text".to_owned() }
    );
    let json = serde_json::to_string(&line).unwrap();
    assert!(json.contains(r#""type":"log""#) && json.contains(r#""level":"warn""#), "{json}");
    assert_eq!(serde_json::from_str::<TailLine>(&json).unwrap(), line);
}

#[test]
fn the_last_hundred_are_kept() {
    let hub = hub();
    for i in 0..150 {
        publish(&hub, &i.to_string());
    }
    let kept = texts(&mut hub.subscribe_with_recent("alice"));
    assert_eq!(kept, (50..150).map(|i| i.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_flood_does_not_fill_the_memory() {
    let hub = hub();
    publish(&hub, "small");
    let large = "x".repeat(20 << 10);
    publish(&hub, &large);
    publish(&hub, &large);
    assert_eq!(texts(&mut hub.subscribe_with_recent("alice")), [large.as_str()]);
    // One that is too large to keep reaches live readers and drives nothing out.
    let mut live = hub.subscribe("alice");
    let huge = "x".repeat(64 << 10);
    publish(&hub, &huge);
    assert_eq!(texts(&mut live), [huge.as_str()]);
    assert_eq!(texts(&mut hub.subscribe_with_recent("alice")), [large.as_str()]);
}

#[test]
fn a_slow_reader_misses_events_and_is_told() {
    let hub = hub();
    let mut slow = hub.subscribe("alice");
    for i in 0..300 {
        publish(&hub, &i.to_string());
    }
    let first = slow.next().now_or_never().unwrap().unwrap();
    assert_eq!(first.event, TailEvent::Missed { count: 44 });
    assert_eq!(texts(&mut slow)[0], "44");
}

#[test]
fn readers_end_with_the_tenant_or_the_server() {
    let hub = hub();
    let mut stream = hub.subscribe_with_recent("alice");
    publish(&hub, "last");
    hub.close("alice");
    assert_eq!(texts(&mut stream), ["last"]);
    assert_eq!(stream.next().now_or_never(), Some(None));
    assert_eq!(hub.subscribe("alice").next().now_or_never(), Some(None));

    hub.open("alice".into());
    let mut stream = hub.subscribe("alice");
    hub.close_all();
    assert_eq!(stream.next().now_or_never(), Some(None));
}

#[test]
fn events_of_strangers_leave_nothing_behind() {
    let hub = TailHub::default();
    publish(&hub, "late");
    hub.open("alice".into());
    assert!(texts(&mut hub.subscribe_with_recent("alice")).is_empty());
}

#[test]
fn tenants_see_their_own_events_only() {
    let hub = hub();
    hub.open("bob".into());
    let mut bob = hub.subscribe("bob");
    publish(&hub, "alice's");
    assert!(texts(&mut bob).is_empty());
}

#[test]
fn a_line_of_the_bundle_is_shown_for_positions_in_the_bundle_alone() {
    let hub = hub();
    let of = deployment("alice", "01", "first\nsecond");
    let shown = |mapped| {
        let file = "index.js".to_owned();
        let detail = ErrorDetail { file, line: 2, mapped, ..ErrorDetail::default() };
        hub.publish(&of, TenantEvent::Exception(Exception { request: Some(2), detail }));
        let mut stream = hub.subscribe_with_recent("alice");
        let lines = std::iter::from_fn(|| stream.next().now_or_never().flatten());
        match lines.last().map(|line| line.event) {
            Some(TailEvent::Exception { detail, .. }) => detail.source_line,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((&*shown(false), &*shown(true)), ("second", ""));
}

#[test]
fn outcomes_are_told_and_counted() {
    let hub = hub();
    let of = deployment("alice", "01", "code");
    let outcome = |result| {
        TenantEvent::Outcome(Outcome {
            request: 4,
            request_line: "GET https://alice/".to_owned(),
            result,
            cpu_us: 5,
            wall_us: 6,
        })
    };
    hub.publish(&of, outcome(Ok(200)));
    let detail = ErrorDetail { message: "no".to_owned(), line: 3, ..ErrorDetail::default() };
    let code = insula_wire::FailureCode::Exception;
    hub.publish(&of, outcome(Err(RequestError::Tenant { code, detail: detail.clone() })));
    hub.publish(&of, TenantEvent::Started { cpu_us: 1, wall_us: 2 });

    let mut stream = hub.subscribe_with_recent("alice");
    let mut next = || stream.next().now_or_never().unwrap().unwrap().event;
    assert!(matches!(next(), TailEvent::Outcome { status: Some(200), error: None, .. }));
    match next() {
        TailEvent::Outcome { status: None, error: Some(error), .. } => {
            assert_eq!(error.detail, Some(detail));
            assert_eq!(error.blame, insula_supervisor::Blame::Tenant);
        }
        other => panic!("{other:?}"),
    }
}
