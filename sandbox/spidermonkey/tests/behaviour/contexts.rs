use std::cell::RefCell;

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
