use crate::support::{evaluate, with_isolate};

#[test]
fn unhandled_rejections_are_reported_once_and_handled_ones_never() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source = "
                Promise.reject(new Error('lost'));
                const late = Promise.reject(new Error('late'));
                Promise.resolve().then(() => late.catch(() => {}));
                Promise.reject(new Error('caught')).catch(() => {});";
            evaluate(scope, "a.js", source).unwrap();
            let rejections = scope.take_rejections();
            let messages: Vec<String> = rejections
                .into_iter()
                .map(|(promise, _)| {
                    let reason = scope.promise_result(promise);
                    scope.describe_error(reason).message
                })
                .collect();
            assert_eq!(messages, ["Error: lost"]);
            assert!(scope.take_rejections().is_empty());
        });
    });
}

#[test]
fn many_rejections_are_noted_and_forgotten() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source =
                "const all = Array.from({ length: 1e5 }, (_, index) => Promise.reject(index));
                all.pop(); all.shift(); all.reverse();
                Promise.allSettled(all);";
            evaluate(scope, "a.js", source).unwrap();
            scope.run_jobs();
            let left = scope.take_rejections();
            let reasons: Vec<_> = left
                .into_iter()
                .map(|(promise, _)| scope.promise_result(promise).as_f64())
                .collect();
            assert_eq!(reasons, [Some(0.0), Some(99_999.0)]);
        });
    });
}

#[test]
fn a_native_promise_can_be_settled() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let promise = scope.promise().unwrap();
            let global = scope.global();
            scope.define(global, c"promise", promise).unwrap();
            evaluate(scope, "a.js", "promise.then((value) => { globalThis.got = value })").unwrap();
            let value = scope.number(7.0);
            scope.resolve(promise, value).unwrap();
            scope.run_jobs();
            let got = scope.get(global, c"got").unwrap();
            assert_eq!(got.as_f64(), Some(7.0));
        });
    });
}
