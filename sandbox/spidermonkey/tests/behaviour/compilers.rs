use std::ffi::c_void;

use crate::support::{evaluate, with_isolate};

/// Loops of a function; each changes all its variables, and what bounds those is a sum of three others.
const LOOPS: usize = 20;

/// As much as the engine's compilers may take together, but for what each may take in any case. Nobody touches it.
fn take_all() -> Vec<*mut c_void> {
    let mut taken = Vec::new();
    // SAFETY: any size is legal.
    let take = || Some(unsafe { libc::malloc(1 << 20) }).filter(|block| !block.is_null());
    for _ in 0..12 {
        insula_memory::unnamed(|| false, || taken.extend(std::iter::from_fn(take).take(1024)));
    }
    taken
}

/// The engine ends the process if some of its steps are refused memory.
#[test]
fn compilers_that_are_refused_memory_end_without_ado() {
    let taken = take_all();
    with_isolate(|isolate| {
        isolate.enter(|scope| {
            // Somewhere here, what is refused first is such a step's.
            for variables in (240..300).step_by(5) {
                let source = long_function(variables);
                assert!(evaluate(scope, &format!("m{variables}"), &source).is_ok());
            }
        });
    });
    // SAFETY: they are this test's.
    taken.into_iter().for_each(|block| unsafe { libc::free(block) });
}

/// A module that calls a function until the engine wants machine code of it, and goes on while another thread makes that.
fn long_function(variables: usize) -> String {
    let begin: Vec<_> = (0..variables).map(|number| format!("v{number} = n + {number}")).collect();
    let change: String = (0..variables).map(|number| format!("v{number}++;")).collect();
    let loops = format!("for (var i = from; i < n; i++) {{ {change} }}").repeat(LOOPS);
    format!(
        "function long(n, from) {{ n = n | 0; from = from | 0; var {}; {loops} return v0; }}
        for (let i = 0; i < 100; i++) long(200, 0);",
        begin.join(",")
    )
}
