//! Events and signals, where an isolate differs from a browser or where code meets itself.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] =
    &[("events", events), ("signals", signals), ("the_global_is_a_target", global)];

fn events() {
    check_rows(EVENTS);
}

fn signals() {
    check_rows(SIGNALS);
}

fn global() {
    check_rows(GLOBAL);
}

const EVENTS: &[Row<'_>] = &[
    (
        "a listener added while dispatching is not called",
        "const t = new EventTarget(), seen = []; t.addEventListener('x', () => { seen.push(1); t.addEventListener('x', () => seen.push(2)); }, { once: true }); t.dispatchEvent(new Event('x')); seen.push('-'); t.dispatchEvent(new Event('x')); return seen;",
        r#"[1,"-",2]"#,
    ),
    (
        "a listener removed while dispatching is not called",
        "const t = new EventTarget(), seen = []; const b = () => seen.push('b'); t.addEventListener('x', () => { seen.push('a'); t.removeEventListener('x', b); }); t.addEventListener('x', b); t.dispatchEvent(new Event('x')); return seen;",
        r#"["a"]"#,
    ),
    (
        "many listeners, of which each is called once",
        "const t = new EventTarget(), seen = [], kept = () => seen.push('kept'); for (let i = 0; i < 40; i++) t.addEventListener('x', () => seen.push(i), { once: true }); t.addEventListener('x', kept); t.addEventListener('x', kept); t.dispatchEvent(new Event('x')); const first = seen.length; t.dispatchEvent(new Event('x')); t.removeEventListener('x', kept); t.dispatchEvent(new Event('x')); return [first, seen.length, seen[39], seen[40]];",
        r#"[41,42,39,"kept"]"#,
    ),
    (
        "a listener among many comes back at the end",
        "const t = new EventTarget(), seen = []; const all = Array.from({ length: 20 }, (_, i) => () => seen.push(i)); for (const each of all) t.addEventListener('x', each); for (const i of [3, 5]) t.removeEventListener('x', all[i]); t.addEventListener('x', all[3]); t.dispatchEvent(new Event('x')); const { getEventListeners } = process.getBuiltinModule('events'); return [seen.join(), getEventListeners(t, 'x').length];",
        r#"["0,1,2,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,3",19]"#,
    ),
    (
        "what an event is made to extend sees its type alone",
        "const seen = []; function Other(...args) { seen.push(args); return Reflect.construct(Event, args, new.target); } Object.setPrototypeOf(CustomEvent, Other); const event = new CustomEvent('x', { bubbles: true, detail: 1 }); return [seen, event.bubbles, event.detail];",
        r#"[[["x"]],true,1]"#,
    ),
    (
        "a signal removes its listeners",
        "const t = new EventTarget(), c = new AbortController(), seen = []; t.addEventListener('x', () => seen.push(1), { signal: c.signal }); t.dispatchEvent(new Event('x')); c.abort(); t.dispatchEvent(new Event('x')); return seen;",
        "[1]",
    ),
    (
        "an event is not dispatched within itself",
        "const t = new EventTarget(), e = new Event('x'); let name; t.addEventListener('x', () => { try { t.dispatchEvent(e); } catch (error) { name = error.name; } }); t.dispatchEvent(e); return name;",
        r#""InvalidStateError""#,
    ),
    (
        "subclasses of EventTarget are targets",
        "class T extends EventTarget { n = 0; constructor() { super(); this.addEventListener('x', () => this.n++); } } const t = new T(); t.dispatchEvent(new Event('x')); return t.n;",
        "1",
    ),
    (
        "handleEvent is looked up at each dispatch",
        "const t = new EventTarget(), l = {}, seen = []; t.addEventListener('x', l); l.handleEvent = function (e) { seen.push(this === l, e.type); }; t.dispatchEvent(new Event('x')); return seen;",
        r#"[true,"x"]"#,
    ),
    (
        "passive listeners cannot cancel",
        "const t = new EventTarget(); t.addEventListener('x', (e) => e.preventDefault(), { passive: true }); return t.dispatchEvent(new Event('x', { cancelable: true }));",
        "true",
    ),
];

const SIGNALS: &[Row<'_>] = &[
    (
        "abort is once and keeps its first reason",
        "const c = new AbortController(), seen = []; c.signal.onabort = (e) => seen.push(e.isTrusted); c.abort('a'); c.abort('b'); return [...seen, c.signal.reason, c.signal.aborted];",
        r#"[true,"a",true]"#,
    ),
    (
        "the reason of an abort without one",
        "const s = AbortSignal.abort(); return [s.reason.name, s.reason.code, s.reason instanceof DOMException];",
        r#"["AbortError",20,true]"#,
    ),
    (
        "any follows its sources, in order of listening",
        "const a = new AbortController(), b = new AbortController(), seen = []; const any = AbortSignal.any([a.signal, b.signal]); any.onabort = () => seen.push('any'); b.signal.onabort = () => seen.push('b'); b.abort(1); a.abort(2); return [...seen, any.reason];",
        r#"["b","any",1]"#,
    ),
    (
        "any of an aborted one is aborted",
        "return AbortSignal.any([new AbortController().signal, AbortSignal.abort(7)]).reason;",
        "7",
    ),
    (
        "a timeout aborts with TimeoutError",
        "const s = AbortSignal.timeout(20); await new Promise((r) => { s.onabort = r; }); return s.reason.name;",
        r#""TimeoutError""#,
    ),
    (
        "throwIfAborted throws the very reason",
        "const reason = {}; try { AbortSignal.abort(reason).throwIfAborted(); } catch (e) { return e === reason; }",
        "true",
    ),
    ("signals are not constructed", "return failure(() => new AbortSignal());", r#""TypeError""#),
    (
        "a request's signal follows the one it was given",
        "const c = new AbortController(); const r = new Request('http://a/', { signal: c.signal }); const seen = [r.signal === c.signal, r.signal.aborted]; c.abort('x'); return [...seen, r.signal.aborted, r.signal.reason, r.clone().signal.aborted];",
        r#"[false,false,true,"x",true]"#,
    ),
    (
        "the signal of a request made of another follows that one's, whoever looks first",
        "const c = new AbortController(); const a = new Request('http://a/', { signal: c.signal }), b = new Request(a), d = new Request(new Request(request)); c.abort(); return [b.signal.aborted, d.signal.aborted];",
        "[true,false]",
    ),
];

const GLOBAL: &[Row<'_>] = &[
    (
        "events are dispatched at the global",
        "const seen = []; addEventListener('x', function (e) { seen.push(this === globalThis, e.target === self, e.currentTarget === globalThis); }); dispatchEvent(new Event('x')); return seen;",
        "[true,true,true]",
    ),
    (
        "listeners can be removed from it",
        "let n = 0; const l = () => n++; addEventListener('x', l); removeEventListener('x', l); dispatchEvent(new Event('x')); return n;",
        "0",
    ),
    (
        "handlers are accessors, null at first",
        "const before = onerror; onerror = 5; const other = onerror; const f = () => {}; onerror = f; return [before, other, onerror === f];",
        "[null,null,true]",
    ),
];
