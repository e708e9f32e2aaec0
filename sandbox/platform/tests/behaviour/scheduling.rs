//! setImmediate and scheduler.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] = &[("tasks", tasks)];

fn tasks() {
    check_rows(TASKS);
}

const TASKS: &[Row<'_>] = &[
    (
        "immediates come after microtasks, before timers, in order, each in a turn of its own",
        "const seen = []; setTimeout(() => seen.push('timer')); setImmediate((a, b) => { seen.push(a + b); queueMicrotask(() => seen.push('micro')); }, 1, 2); setImmediate(() => seen.push('second')); clearImmediate(setImmediate(() => seen.push('no'))); await null; seen.push('now'); await new Promise((r) => setTimeout(r, 5)); return [seen, await failure(() => setImmediate('x')), await failure(() => setImmediate())];",
        r#"[["now",3,"micro","second","timer"],"TypeError","TypeError"]"#,
    ),
    (
        "wait",
        "const before = performance.now(); const value = await scheduler.wait(20); const stop = new AbortController(); const waits = failure(() => scheduler.wait(1000, { signal: stop.signal })); stop.abort(); const passed = performance.now() - before;
        return [value ?? 'nothing', passed, await waits, await failure(() => scheduler.wait(1, { signal: AbortSignal.abort(new RangeError()) })), await failure(() => scheduler.wait()), await failure(() => scheduler.wait(1, { signal: {} })), await failure(() => Scheduler.prototype.wait.call({}, 1)), await failure(() => new Scheduler())];",
        r#"["nothing",20,"AbortError","RangeError","TypeError","TypeError","TypeError","TypeError"]"#,
    ),
    (
        "posted tasks",
        "const seen = []; const late = scheduler.postTask(() => seen.push('late'), { delay: 5 }); const result = scheduler.postTask(() => { seen.push('task'); return 7; }, { priority: 'background' }); seen.push('now'); await scheduler.yield(); seen.push('yielded'); await late; return [seen, await result, await failure(() => scheduler.postTask(() => { throw new RangeError(); })), await failure(() => scheduler.postTask(1)), await failure(() => scheduler.postTask(() => {}, { priority: 'x' })), String(scheduler)];",
        r#"[["now","task","yielded","late"],7,"RangeError","TypeError","TypeError","[object Scheduler]"]"#,
    ),
];
