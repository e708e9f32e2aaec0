use insula_spidermonkey::ModuleBody;

use crate::support::{error_of, result_of, with_isolate};

#[test]
fn no_code_is_made_from_strings() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            for (name, source) in [
                ("a.js", "eval('1')"),
                ("b.js", "(0, eval)('1')"),
                ("c.js", "new Function('return 1')"),
                ("d.js", "(async () => {}).constructor('return 1')"),
                ("e.js", "(function* () {}).constructor('yield 1')"),
                ("f.js", "Reflect.construct(Function, ['return 1'], Array)"),
            ] {
                let info = error_of(scope, name, source);
                assert!(info.message.contains("CSP"), "{source}: {info:?}");
            }
        });
    });
}

#[test]
fn no_webassembly_is_compiled_at_run_time() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let source = "new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))";
            let info = error_of(scope, "a.js", source);
            assert!(info.message.contains("CSP"), "{info:?}");
            let source = "export const result = WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))";
            assert_eq!(result_of(scope, source), "true");
        });
    });
}

#[test]
fn time_stands_still_until_it_is_set() {
    with_isolate(|isolate| {
        isolate.set_time(1_000_000_123.0);
        isolate.enter(|scope| {
            let source = "
                const first = Date.now();
                for (let i = 0; i < 3e6; i++);
                export const result = [first, Date.now(), +new Date(), Temporal.Now.instant().epochMilliseconds]";
            assert_eq!(result_of(scope, source), "1000000,1000000,1000000,1000000");
        });
        isolate.set_time(2_000_000_000.0);
        isolate.enter(|scope| {
            assert_eq!(result_of(scope, "export const result = Date.now()"), "2000000");
        });
    });
}

#[test]
fn the_import_of_a_module_is_no_way_to_compile_others() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let empty_wasm = vec![0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
            scope.add_module("empty.wasm", ModuleBody::Wasm(empty_wasm));
            let source = "
                const Real = WebAssembly.Module;
                const seen = [];
                const attempt = () => {
                    try { new Real(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])); seen.push('compiled') }
                    catch (error) { seen.push(error.name) }
                };
                globalThis.WebAssembly = new Proxy(WebAssembly, { get(target, key) {
                    attempt();
                    return key === 'Module' ? function Module() { attempt(); return {} } : target[key];
                } });
                export let result;
                const wasm = (await import('./empty.wasm')).default;
                result = [Object.prototype.toString.call(wasm), ...seen].join()";
            assert_eq!(result_of(scope, source), "[object WebAssembly.Module]");
        });
    });
}
