use std::cell::Cell;

use insula_spidermonkey::{Natives, Throw, Thrown};

use crate::support::{error_of, evaluate, result_of, with_isolate};

#[test]
fn an_op_sees_its_arguments_and_returns_a_value() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let op = scope
                .function(c"add", 2, |scope, args| {
                    assert_eq!(args.len(), 2);
                    assert!(args.get(7).is_undefined());
                    let sum = args.get(0).as_f64().unwrap() + args.get(1).as_f64().unwrap();
                    Ok(scope.number(sum))
                })
                .unwrap();
            let global = scope.global();
            scope.define(global, c"add", op).unwrap();
            assert_eq!(result_of(scope, "export const result = add(20, 22)"), "42");
        });
    });
}

#[test]
fn an_op_finds_the_embedder() {
    with_isolate(|isolate| {
        isolate.set_embedder(Cell::new(0u32));
        isolate.enter(|scope| {
            let op = scope
                .function(c"count", 0, |scope, _| {
                    let counter: &Cell<u32> = scope.embedder();
                    counter.set(counter.get() + 1);
                    Ok(scope.undefined())
                })
                .unwrap();
            let global = scope.global();
            scope.define(global, c"count", op).unwrap();
            evaluate(scope, "a.js", "for (let i = 0; i < 1000; i++) count()").unwrap();
            assert_eq!(scope.embedder::<Cell<u32>>().get(), 1000);
        });
    });
}

#[test]
fn an_op_throws_errors_that_javascript_catches() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let op = scope
                .function(c"fail", 0, |_, _| Err(Throw::RangeError("100 % {0} %s\0".into())))
                .unwrap();
            let global = scope.global();
            scope.define(global, c"fail", op).unwrap();
            let source = "export let result; try { fail() } catch (e) { result = `${e}` }";
            assert_eq!(result_of(scope, source), "RangeError: 100 % {0} %s\u{fffd}");
            let info = error_of(scope, "b.js", "\n  fail()");
            assert_eq!((info.file.as_str(), info.line, info.column), ("b.js", 2, 3));
        });
    });
}

#[test]
fn a_panic_in_an_op_ends_the_isolate_and_nothing_else() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let op = scope.function(c"boom", 0, |_, _| panic!("on purpose")).unwrap();
            let global = scope.global();
            scope.define(global, c"boom", op).unwrap();
            let throw = evaluate(scope, "a.js", "try { boom() } catch {} for (;;) {}").unwrap_err();
            assert_eq!(scope.take_exception(throw), Thrown::Terminated);
        });
        assert!(isolate.has_defect());
        assert!(isolate.is_terminated());
    });
    with_isolate(|isolate| {
        isolate.enter(|scope| assert_eq!(result_of(scope, "export const result = 1"), "1"));
    });
}

#[test]
fn resources_are_typed_and_dropped_with_their_object() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    struct Counted(Arc<AtomicU32>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = Arc::new(AtomicU32::new(0));
    let counter = drops.clone();
    with_isolate(move |isolate| {
        isolate.enter(|scope| {
            let resource = scope.resource(Counted(counter.clone())).unwrap();
            scope.with_resource(resource, |_: &mut Counted| ()).unwrap();
            assert!(scope.with_resource(resource, |_: &mut String| ()).is_err());
            let plain = scope.object().unwrap();
            assert!(scope.with_resource(plain, |_: &mut Counted| ()).is_err());
        });
        isolate.shrink();
    });
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn natives_come_into_being_when_they_are_looked_at() {
    static TABLE: Natives = &[
        (c"add", 2, |scope, args| {
            Ok(scope.number(args.get(0).as_f64().unwrap() + args.get(1).as_f64().unwrap()))
        }),
        (c"fail", 0, |_, _| Err(Throw::TypeError("refused".into()))),
    ];
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let natives = scope.natives(&TABLE).unwrap();
            let global = scope.global();
            scope.define(global, c"natives", natives).unwrap();
            let source = "
                const before = Object.getOwnPropertyNames(natives).join();
                const sum = natives.add(40, 2);
                let refused;
                try { natives.fail() } catch (error) { refused = error.message }
                const same = natives.add === natives.add;
                const { name, length } = natives.add;
                const absent = [natives.toString, natives[Symbol.iterator], natives.ad, natives[0]];
                const after = Object.getOwnPropertyNames(natives).sort().join();
                export const result = JSON.stringify([before, sum, refused, same, name, length, absent, after]);";
            assert_eq!(
                result_of(scope, source),
                r#"["",42,"refused",true,"add",2,[null,null,null,null],"add,fail"]"#
            );
        });
    });
}
