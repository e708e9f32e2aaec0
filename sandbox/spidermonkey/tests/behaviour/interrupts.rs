use std::time::Duration;

use insula_spidermonkey::{InterruptAction, Isolate, Thrown};

use crate::support::{evaluate, with_isolate};

fn interrupt_soon(isolate: &mut Isolate) {
    isolate.on_interrupt(|| InterruptAction::Terminate);
    let handle = isolate.interrupt_handle();
    std::thread::spawn(move || {
        // Interrupts that come before the loop has begun are lost on it: so, again and again.
        for _ in 0..200 {
            std::thread::park_timeout(Duration::from_millis(5));
            handle.interrupt();
        }
    });
}

fn ends(source: &'static str) {
    with_isolate(move |isolate| {
        interrupt_soon(isolate);
        isolate.enter(|scope| {
            let outcome = evaluate(scope, "a.js", source);
            if let Err(throw) = outcome {
                assert_eq!(scope.take_exception(throw), Thrown::Terminated);
            }
            assert!(scope.is_terminated());
            let throw = scope.evaluate_module("a.js").unwrap_err();
            assert_eq!(scope.take_exception(throw), Thrown::Terminated);
        });
    });
}

#[test]
fn an_endless_loop_ends() {
    ends("for (;;) {}");
}

#[test]
fn catch_and_finally_do_not_hold_it() {
    ends("for (;;) { try { for (;;) {} } catch { for (;;) {} } finally { for (;;) {} } }");
}

#[test]
fn a_getter_does_not_hold_it() {
    ends("({ get x() { for (;;) {} } }).x");
}

#[test]
fn promise_jobs_do_not_hold_it() {
    ends("const again = () => Promise.resolve().then(again); again(); again()");
}

#[test]
fn a_regular_expression_does_not_hold_it() {
    ends("/^(a+)+$/.test('a'.repeat(40) + 'b')");
}

#[test]
fn a_sort_comparator_does_not_hold_it() {
    ends("[3, 1, 2].sort(() => { for (;;) {} })");
}

#[test]
fn continuing_is_possible() {
    with_isolate(|isolate| {
        isolate.on_interrupt(|| InterruptAction::Continue);
        isolate.interrupt_handle().interrupt();
        isolate.enter(|scope| {
            evaluate(scope, "a.js", "for (let i = 0; i < 100000; i++) {}").unwrap();
            assert!(!scope.is_terminated());
        });
    });
}

#[test]
fn a_native_function_that_asks_does_not_hold_it() {
    with_isolate(|isolate| {
        interrupt_soon(isolate);
        isolate.enter(|scope| {
            let endless = scope
                .function(c"endless", 0, |scope, _| {
                    loop {
                        scope.check_interrupt()?;
                    }
                })
                .unwrap();
            let global = scope.global();
            scope.define(global, c"endless", endless).unwrap();
            let throw =
                evaluate(scope, "a.js", "try { endless() } catch { endless() }").unwrap_err();
            assert_eq!(scope.take_exception(throw), Thrown::Terminated);
            assert!(scope.is_terminated());
        });
    });
}
