//! Errors that nobody caught: listeners see them first, then the tenant's log.

use crate::support::{Said, Test, with_tenant};

pub const TESTS: &[Test] = &[
    ("what_nobody_handles_is_reported", reported),
    ("what_is_handled_in_time_is_not_reported", in_time),
    ("a_listener_of_unhandledrejection_may_take_care", listener),
    ("a_handler_that_comes_late_is_told_of", late),
    ("the_handler_attribute_may_take_care", attribute),
    ("a_listener_of_error_may_take_care", error_listener),
    ("onerror_may_take_care", onerror),
    ("a_listener_that_throws_does_not_loop", throwing_listener),
    ("errors_that_are_hostile_are_reported_too", hostile_errors),
];

/// The exceptions that the handler `body` leaves behind.
fn exceptions(top: &str, body: &str) -> (Vec<String>, Vec<String>) {
    let source = format!(
        "{top}
        export default {{ fetch(request, env, ctx) {{
            ctx.waitUntil(new Promise((r) => setTimeout(r, 50)));
            {body}
            return new Response(null);
        }} }};"
    );
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    with_tenant(&source, move |tenant| {
        tenant.get();
        tenant.run();
        let (mut exceptions, mut lines) = (Vec::new(), Vec::new());
        for said in tenant.said() {
            match said {
                Said::Exception { message, stream } => {
                    assert_eq!(stream, 2, "{message}");
                    exceptions.push(message);
                }
                Said::Log { text, stream, .. } => {
                    assert_eq!(stream, 2, "{text}");
                    lines.push(text);
                }
                _ => {}
            }
        }
        sender.send((exceptions, lines)).expect("the test waits");
    });
    receiver.recv().expect("a result")
}

fn late() {
    let top = "addEventListener('unhandledrejection', (e) => { console.log('un ' + e.reason); e.preventDefault(); });
        addEventListener('rejectionhandled', (e) => { console.log('handled ' + e.reason + ' ' + (e.promise === kept) + ' ' + e.cancelable); });
        let kept;";
    let body = "kept = Promise.reject('a'); Promise.reject('never'); Promise.reject('soon').catch(() => {});
        setTimeout(() => { kept.catch(() => {}); }, 5); setTimeout(() => { kept.catch(() => {}); }, 9);";
    let (exceptions, lines) = exceptions(top, body);
    assert_eq!(exceptions, [""; 0]);
    assert_eq!(lines, ["un a", "un never", "handled a true false"]);
}

fn reported() {
    let rows = [
        ("Promise.reject(new TypeError('a'));", "TypeError: a"),
        ("Promise.reject('text');", "text"),
        ("(async () => { throw new RangeError('b'); })();", "RangeError: b"),
        ("setTimeout(() => { throw new Error('c'); }, 1);", "Error: c"),
        ("queueMicrotask(() => { throw new Error('d'); });", "Error: d"),
        ("reportError(new Error('e'));", "Error: e"),
        ("ctx.waitUntil(Promise.reject(new Error('f')));", "Error: f"),
        (
            "const t = new EventTarget(); t.addEventListener('x', () => { throw new Error('g'); }); t.dispatchEvent(new Event('x'));",
            "Error: g",
        ),
        ("Promise.reject(new DOMException('h', 'DataError'));", "DataError: h"),
        (
            "const p = Promise.reject(new Error('i')); setTimeout(() => p.catch(() => {}), 5);",
            "Error: i",
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(exceptions("", body).0, [expected], "{body}");
    }
}

fn in_time() {
    let rows = [
        "Promise.reject(1).catch(() => {});",
        "const p = Promise.reject(1); queueMicrotask(() => p.catch(() => {}));",
        "const p = Promise.reject(1); (async () => { try { await p; } catch {} })();",
        "Promise.allSettled([Promise.reject(1)]);",
        "new Response('x').json().catch(() => {});",
        "const r = new ReadableStream({ start(c) { c.error(1); } }).getReader(); r.read().catch(() => {});",
    ];
    for body in rows {
        assert_eq!(exceptions("", body).0, [""; 0], "{body}");
    }
}

fn listener() {
    let top = "addEventListener('unhandledrejection', (event) => {
        console.log(event.constructor.name, event.isTrusted, event.reason.message, event.promise instanceof Promise, event.cancelable);
        if (event.reason.message === 'mine') event.preventDefault();
    });";
    let body = "Promise.reject(new Error('mine')); Promise.reject(new Error('other'));";
    let (exceptions, lines) = exceptions(top, body);
    assert_eq!(exceptions, ["Error: other"]);
    let line = |message| format!("PromiseRejectionEvent true {message} true true");
    assert_eq!(lines, [line("mine"), line("other")]);
}

fn attribute() {
    let top = "onunhandledrejection = (event) => { console.log(event.reason); return event.reason !== 1; };";
    let (exceptions, lines) = exceptions(top, "Promise.reject(1); Promise.reject(2);");
    assert_eq!(lines, ["1", "2"]);
    // As in HTML, `false` is what cancels.
    assert_eq!(exceptions, ["2"]);
}

fn error_listener() {
    let top = "addEventListener('error', (event) => {
        console.log(event.constructor.name, event.message, event.error.message, event.lineno > 0, event.filename);
        event.preventDefault();
    });";
    let (exceptions, lines) = exceptions(top, "setTimeout(() => { throw new Error('x'); }, 1);");
    assert_eq!(exceptions, [""; 0]);
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("ErrorEvent ") && lines[0].contains(" x true index.js"),
        "{lines:?}"
    );
}

fn onerror() {
    let top = "onerror = (message, file, line, column, error) => { console.log(file, line > 0, column > 0, error.message); return error.message === 'x'; };";
    let body = "reportError(new Error('x')); reportError(new Error('y'));";
    let (exceptions, lines) = exceptions(top, body);
    assert_eq!(lines, ["index.js true true x", "index.js true true y"]);
    assert_eq!(exceptions, ["Error: y"]);
}

fn throwing_listener() {
    let top = "addEventListener('error', () => { throw new Error('again'); });
        addEventListener('unhandledrejection', () => { throw new Error('and again'); });";
    let (mut exceptions, _) =
        exceptions(top, "reportError(new Error('x')); Promise.reject(new Error('y'));");
    exceptions.sort();
    exceptions.dedup();
    assert_eq!(exceptions, ["Error: again", "Error: and again", "Error: x", "Error: y"]);
}

fn hostile_errors() {
    let rows = [
        "Promise.reject({ get message() { throw 1; }, toString() { throw 2; } });",
        "Promise.reject(Object.create(null));",
        "Promise.reject(new Proxy({}, { get() { throw 3; } }));",
        "Promise.reject(Symbol('s'));",
        "Promise.reject(undefined);",
        "reportError(null);",
        "const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { throw 4; } }); Promise.reject(e);",
    ];
    for body in rows {
        assert_eq!(exceptions("", body).0.len(), 1, "{body}");
    }
}
