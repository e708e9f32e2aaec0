use crate::support::{error_of, with_isolate};

#[test]
fn an_error_has_message_stack_and_position() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source = "function inner() {\n  throw new RangeError('deep');\n}\ninner();";
            let info = error_of(scope, "a.js", source);
            assert_eq!(info.message, "RangeError: deep");
            assert_eq!((info.line, info.column), (2, 9));
            let frames: Vec<&str> = info.stack.lines().collect();
            assert_eq!(frames, ["inner@a.js:2:9", "@a.js:4:1"]);
        });
    });
}

#[test]
fn anything_can_be_thrown() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            for (name, source, message) in [
                ("a.js", "throw 'text'", "text"),
                ("b.js", "throw 42", "42"),
                ("c.js", "throw null", "null"),
                ("d.js", "throw { toString() { return 'mine' } }", "mine"),
            ] {
                assert_eq!(error_of(scope, name, source).message, message, "{source}");
            }
            for (name, source) in [
                ("e.js", "throw { toString() { throw 1 } }"),
                ("f.js", "throw undefined"),
                ("g.js", "throw Symbol('s')"),
                ("h.js", "throw Object.create(null)"),
                ("i.js", "throw new Proxy({}, { get() { throw 1 } })"),
            ] {
                assert!(!error_of(scope, name, source).message.is_empty(), "{source}");
            }
        });
    });
}

#[test]
fn too_much_recursion_is_an_ordinary_error() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let info = error_of(scope, "a.js", "(function f() { f() })()");
            assert!(info.message.contains("too much recursion"), "{info:?}");
        });
    });
}
