use insula_spidermonkey::ModuleBody;

use crate::support::{evaluate, with_isolate};

#[test]
fn a_stencil_of_one_isolate_runs_in_another() {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    with_isolate(move |isolate| {
        isolate.enter(|scope| {
            let source = "export const twice = (x) => { const f = () => x * 2; return f() }";
            sender.send(scope.compile_stencil("lib.js", source).unwrap()).unwrap();
        });
    });
    let stencil = receiver.recv().unwrap();
    for _ in 0..3 {
        let stencil = stencil.clone();
        with_isolate(move |isolate| {
            isolate.enter(|scope| {
                scope.add_module("lib.js", ModuleBody::Stencil(stencil));
                let source = "
                    import { twice } from './lib.js';
                    if (twice(21) !== 42) throw new Error('wrong');";
                evaluate(scope, "main.js", source).unwrap();
            });
        });
    }
}

#[test]
fn a_stencil_with_a_syntax_error_is_refused() {
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            let throw = scope.compile_stencil("bad.js", "let let").err().unwrap();
            assert!(format!("{:?}", scope.take_exception(throw)).contains("SyntaxError"));
        });
    });
}
