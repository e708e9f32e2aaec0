use std::cell::RefCell;

use insula_spidermonkey::Throw;

use crate::support::{evaluate, with_isolate};

#[test]
fn the_context_of_a_request_follows_its_awaits() {
    with_isolate(|isolate| {
        isolate.set_embedder(RefCell::new(Vec::<u32>::new()));
        isolate.enter(|scope| {
            let op = scope
                .function(c"note", 0, |scope, _| {
                    let number = scope.context_number();
                    scope.embedder::<RefCell<Vec<u32>>>().borrow_mut().push(number);
                    Ok(scope.undefined())
                })
                .unwrap();
            let global = scope.global();
            scope.define(global, c"note", op).unwrap();
            let source = "
                globalThis.handle = async () => {
                    note(); await null; note(); await new Promise((r) => r()); note();
                    await Promise.resolve().then(() => note());
                };";
            evaluate(scope, "a.js", source).unwrap();
            let handle = scope.get(global, c"handle").unwrap();
            for number in [2, 4, 6] {
                let context = scope.context(number).unwrap();
                scope.set_context(Some(context));
                scope.call(handle, global, []).unwrap();
            }
            scope.set_context(None);
            scope.run_jobs();
            let seen = scope.embedder::<RefCell<Vec<u32>>>().borrow().clone();
            for number in [2, 4, 6] {
                assert_eq!(seen.iter().filter(|&&n| n == number).count(), 4, "{seen:?}");
            }
            assert_eq!(seen.len(), 12);
            assert_eq!(scope.context_number(), 0);
        });
    });
}

#[test]
fn a_job_without_a_promise_takes_its_turn_under_its_context() {
    with_isolate(|isolate| {
        isolate.set_embedder(RefCell::new(Vec::<u32>::new()));
        isolate.enter(|scope| {
            let note = scope
                .function(c"note", 1, |scope, args| {
                    let number = 10 * args.get(0).as_u32().unwrap() + scope.context_number();
                    scope.embedder::<RefCell<Vec<u32>>>().borrow_mut().push(number);
                    Ok(scope.undefined())
                })
                .unwrap();
            let queue = scope
                .function(c"queue", 1, |scope, args| {
                    scope.queue_job(args.get(0))?;
                    Ok(scope.undefined())
                })
                .unwrap();
            let global = scope.global();
            scope.define(global, c"note", note).unwrap();
            scope.define(global, c"queue", queue).unwrap();
            let source = "
                globalThis.first = () => {
                    Promise.resolve().then(() => note(1));
                    queue(() => { note(2); queue(() => note(6)); throw new Error('nobody hears of it'); });
                    Promise.resolve().then(() => note(3));
                };
                globalThis.second = () => queue(() => note(4));
                globalThis.third = () => note(5);";
            evaluate(scope, "a.js", source).unwrap();
            let seven = scope.context(7).unwrap();
            let eight = scope.context(8).unwrap();
            for (context, name) in [(seven, c"first"), (eight, c"second")] {
                scope.set_context(Some(context));
                let function = scope.get(global, name).unwrap();
                scope.call(function, global, []).unwrap();
            }
            let third = scope.get(global, c"third").unwrap();
            scope.queue_job_under(seven, third).unwrap();
            assert_eq!(scope.context_number(), 8);
            scope.set_context(None);
            scope.run_jobs();
            let seen = scope.embedder::<RefCell<Vec<u32>>>().borrow().clone();
            assert_eq!(seen, [17, 27, 37, 48, 57, 67]);
            let number = scope.number(1.0);
            assert!(matches!(scope.queue_job(number), Err(Throw::TypeError(_))));
            assert!(matches!(scope.queue_job_under(third, third), Err(Throw::TypeError(_))));
        });
    });
}

#[test]
fn what_a_context_carries_keeps_its_number_and_is_replaced_as_a_whole() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            assert!(scope.context_data().is_undefined());
            let plain = scope.context(8).unwrap();
            scope.set_context(Some(plain));
            let data = scope.string("data").unwrap();
            scope.replace_context_data(data).unwrap();
            assert_eq!(scope.context_number(), 8);
            let derived = scope.current_context();
            scope.set_context(Some(plain));
            assert!(scope.context_data().is_undefined());
            scope.restore_context(derived).unwrap();
            let got = scope.context_data();
            assert_eq!(scope.to_utf8(got).unwrap(), "data");
            scope.set_context(None);
            let undefined = scope.undefined();
            scope.replace_context_data(undefined).unwrap();
            assert!(scope.current_context().is_undefined());
        });
    });
}

#[test]
fn only_context_objects_are_contexts() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let plain = scope.object().unwrap();
            assert!(scope.restore_context(plain).is_err());
        });
    });
}
