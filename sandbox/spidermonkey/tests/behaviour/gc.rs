#[cfg(not(feature = "debugmozjs"))]
use insula_spidermonkey::{IsolateOptions, Thrown};

#[cfg(not(feature = "debugmozjs"))]
use crate::support::with_options;
use crate::support::{evaluate, with_isolate};

#[test]
fn locals_survive_collections_that_move_them() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let objects: Vec<_> = (0..2000)
                .map(|i| {
                    let object = scope.object().unwrap();
                    let number = scope.number(f64::from(i));
                    scope.set(object, c"i", number).unwrap();
                    object
                })
                .collect();
            // A debug engine under zeal collects all the time by itself.
            let garbage = if cfg!(feature = "debugmozjs") { 3_000 } else { 300_000 };
            let source = format!("for (let i = 0; i < {garbage}; i++) ({{ i }})");
            evaluate(scope, "a.js", &source).unwrap();
            for (i, object) in objects.into_iter().enumerate() {
                let number = scope.get(object, c"i").unwrap();
                assert_eq!(number.as_f64(), Some(i as f64));
            }
        });
    });
}

// Filling a heap takes for ever when every fiftieth object is followed by a collection.
#[cfg(not(feature = "debugmozjs"))]
#[test]
fn running_out_of_heap_throws_and_the_isolate_lives() {
    let options = IsolateOptions { heap_bytes: 16 << 20, ..IsolateOptions::default() };
    with_options(options, |isolate| {
        isolate.enter(|scope| {
            let source =
                "let s = 'x'; const all = []; for (;;) { s += all.length; all.push(s + s) }";
            let throw = evaluate(scope, "a.js", source).unwrap_err();
            assert!(matches!(scope.take_exception(throw), Thrown::Exception(_)));
        });
        assert!(isolate.is_out_of_memory());
        isolate.shrink();
        isolate.enter(|scope| evaluate(scope, "b.js", "1 + 1").unwrap());
    });
}
