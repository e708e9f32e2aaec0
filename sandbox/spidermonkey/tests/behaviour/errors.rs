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

#[test]
fn the_errors_behind_an_error_are_told() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source = "function fail() { throw new TypeError('root') }
try { fail() } catch (cause) {
  throw new Error('top', { cause: new AggregateError([cause, 'text'], 'middle') });
}";
            let info = error_of(scope, "a.js", source);
            assert_eq!(info.message, "Error: top");
            let expected = "@a.js:3:9\ncaused by: AggregateError: middle\n@a.js:3:35\n\
                            one of them: TypeError: root\nfail@a.js:1:25\n@a.js:2:7\none of them: text";
            assert_eq!(info.stack, expected);
        });
    });
}

#[test]
fn hostile_causes_end() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            for (name, source) in [
                ("a.js", "const e = new Error('e'); e.cause = e; throw e"),
                ("b.js", "const e = new AggregateError([], 'e'); e.errors = Array(1e6).fill(e); throw e"),
                ("c.js", "const e = new Error('e'); Object.defineProperty(e, 'cause', { get() { throw e } }); throw e"),
                ("d.js", "const e = new Error('e'); e.cause = new Proxy(e, {}); throw e"),
                ("e.js", "Object.prototype.cause = 'inherited'; throw new Error('e')"),
                ("f.js", "throw new Error('e', { cause: new Error('a\\n@f.js:1:1') })"),
                (
                    "g.js",
                    "const errors = []; errors.length = 2 ** 32 - 1;
                    const { proxy, revoke } = Proxy.revocable({}, {});
                    Object.setPrototypeOf(errors, proxy); revoke();
                    const e = new Error('e'); e.errors = errors; throw e",
                ),
            ] {
                let info = error_of(scope, name, source);
                assert!(info.message.ends_with("rror: e"), "{info:?}");
                assert!(info.stack.lines().count() < 30, "{info:?}");
                assert!(!info.stack.contains("inherited"), "{info:?}");
                assert!(!info.stack.contains("\n@f.js:1:1\n"), "{info:?}");
            }
        });
    });
}

#[test]
fn an_object_that_is_no_error_is_told_by_its_content() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            for (name, source, message) in [
                ("a.js", "throw { code: 7, inner: ['x'] }", r#"{"code":7,"inner":["x"]}"#),
                ("b.js", "throw Object.assign(Object.create(null), { a: 1 })", r#"{"a":1}"#),
                ("c.js", "throw { toJSON() { throw 1 } }", "[object Object]"),
                ("d.js", "const o = {}; o.o = o; throw o", "[object Object]"),
            ] {
                assert_eq!(error_of(scope, name, source).message, message, "{source}");
            }
            let long = error_of(scope, "e.js", "throw { a: 'x'.repeat(1e6) }");
            assert_eq!(long.message.len(), 1000);
        });
    });
}
