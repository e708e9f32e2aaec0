use std::sync::Arc;

use insula_spidermonkey::{ModuleBody, PromiseState, Scope, Thrown};

use crate::support::{error_of, evaluate, result_of, with_isolate};

fn javascript(source: &str) -> ModuleBody {
    ModuleBody::JavaScript(source.to_owned())
}

#[test]
fn modules_import_each_other_even_in_circles() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            scope.add_module(
                "lib/a.js",
                javascript("import { b } from './b.js'; export const a = () => 'a' + b();"),
            );
            scope.add_module(
                "lib/b.js",
                javascript("import { a } from './a.js'; export const b = () => typeof a;"),
            );
            let source = "import { a } from './lib/a.js'; export const result = a()";
            assert_eq!(result_of(scope, source), "afunction");
        });
    });
}

#[test]
fn other_kinds_of_modules_have_a_default_export() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            scope.add_module("data.json", ModuleBody::Json(r#"{"answer": 42}"#.into()));
            scope.add_module("page.html", ModuleBody::Text("<p>".into()));
            scope.add_module("raw.bin", ModuleBody::Data(vec![1, 2]));
            let empty_wasm = vec![0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
            scope.add_module("empty.wasm", ModuleBody::Wasm(empty_wasm));
            let source = "
                import data from './data.json' with { type: 'json' };
                import page from './page.html';
                import raw from './raw.bin';
                import wasm from './empty.wasm';
                export const result =
                    [data.answer, page, raw.byteLength, wasm instanceof WebAssembly.Module]";
            assert_eq!(result_of(scope, source), "42,<p>,2,true");
        });
    });
}

#[test]
fn dynamic_import_loads_with_dependencies() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            scope.add_module("late.js", javascript("export * from './deep.js'"));
            scope.add_module("deep.js", javascript("export const x = import.meta.url"));
            let source = "export let result; result = (await import('./late.js')).x";
            assert_eq!(result_of(scope, source), "file:///deep.js");
        });
    });
}

#[test]
fn a_failing_dynamic_import_rejects() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            scope.add_module("bad.js", javascript("syntax error"));
            scope.add_module("needs.js", javascript("import './absent.js'"));
            let source = "
                const failed = async (name) => {
                    try { await import(name) } catch (e) { return e.name }
                };
                export const result = [
                    await failed('./bad.js'), await failed('./bad.js'),
                    await failed('./needs.js'), await failed('./none.js')]";
            assert_eq!(result_of(scope, source), "SyntaxError,TypeError,TypeError,TypeError");
        });
    });
}

#[test]
fn an_unresolved_import_says_where_it_stands() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let info = error_of(scope, "src/a.js", "\nimport { x } from './gone.js';");
            assert!(info.message.contains("'./gone.js' imported from 'src/a.js'"), "{info:?}");
            let unresolved = scope.take_unresolved_import().unwrap();
            assert_eq!(unresolved.specifier, "./gone.js");
            assert_eq!(unresolved.referrer, "src/a.js");
            assert_eq!(unresolved.line, 2);
        });
    });
}

#[test]
fn a_tenant_cannot_import_the_platform() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            share_platform(scope);
            for specifier in ["insula:secret.js", "./insula:secret.js", "/insula:secret.js"] {
                let name = format!("{}.js", specifier.replace(['/', ':', '.'], "_"));
                let info = error_of(scope, &name, &format!("import {specifier:?}"));
                assert!(info.message.contains("Cannot find module"), "{info:?}");
            }
        });
    });
}

#[test]
fn a_tenants_module_is_not_the_platforms_by_its_name() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            share_platform(scope);
            // Before any other: the platform has not loaded its module of this name yet.
            scope.add_module("insula:secret.js", javascript("export const x = 'forged'"));
            scope.add_module("insula:entry.js", javascript("export { x } from './secret.js'"));
            let info = error_of(scope, "a.js", "import 'insula:entry.js'");
            assert!(info.message.contains("Cannot find module"), "{info:?}");
            let throw = scope.evaluate_module("insula:entry.js").err().unwrap();
            let thrown = format!("{:?}", scope.take_exception(throw));
            assert!(thrown.contains("no module is named"), "{thrown}");
            let promise = scope.evaluate_module("insula:main.js").unwrap();
            assert_eq!(scope.promise_state(promise), Some(PromiseState::Fulfilled));
            let namespace = scope.module_namespace("insula:main.js").unwrap();
            let x = scope.get(namespace, c"x").unwrap();
            assert_eq!(scope.to_utf8(x).unwrap(), "the platform's");
        });
    });
}

#[test]
fn a_module_that_throws_keeps_its_position() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let info = error_of(scope, "a.js", "let x;\n\n    x.y();");
            assert_eq!(info.message, "TypeError: can't access property \"y\", x is undefined");
            assert_eq!((info.file.as_str(), info.line, info.column), ("a.js", 3, 5));
            let info = error_of(scope, "b.js", "const a = 1;\nconst a = 2;");
            assert!(info.message.starts_with("SyntaxError: "), "{info:?}");
            assert_eq!((info.file.as_str(), info.line), ("b.js", 2));
        });
    });
}

#[test]
fn a_pending_top_level_await_stays_pending() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            scope.add_module("a.js", javascript("await new Promise(() => {})"));
            let promise = scope.evaluate_module("a.js").unwrap();
            scope.run_jobs();
            let state = scope.promise_state(promise);
            assert_eq!(state, Some(insula_spidermonkey::PromiseState::Pending));
        });
    });
}

#[test]
fn evaluating_an_unknown_module_is_an_error() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let throw = scope.evaluate_module("nowhere.js").unwrap_err();
            assert!(matches!(scope.take_exception(throw), Thrown::Exception(_)));
            evaluate(scope, "ok.js", "1").unwrap();
        });
    });
}

/// Two modules of a platform, one of which imports the other.
fn share_platform(scope: &mut Scope<'_>) {
    let sources = [
        ("insula:secret.js", "export const x = `the platform's`"),
        ("insula:main.js", "export { x } from './secret.js'"),
    ];
    let compiled = sources.map(|(name, source)| {
        let stencil = scope.compile_stencil(name, source).unwrap();
        (name.to_owned(), stencil)
    });
    scope.share_modules(Arc::new(compiled.into()), |_| None);
}
