//! What the start and the end of an isolate cost, step by step, in microseconds of CPU time of its thread. With
//! `globals` as argument: what the first look at each of the language's own globals costs.

use std::rc::Rc;
use std::time::Duration;

use insula_platform::{Host, Image, Incoming, Platform};
use insula_spidermonkey::{Engine, Isolate, IsolateOptions, Jit, ModuleBody, Seed};
use insula_wire::{HeaderBlock, IsolateFrame, LogLevel};
use rustix::time::{ClockId, clock_gettime};

/// Isolates that are started; the first tenth warms up.
const ROUNDS: usize = 500;

const HELLO: &str = "export default { fetch() { return new Response('Hello, world!\\n'); } };";

const GLOBALS: [&str; 39] = [
    "Array",
    "ArrayBuffer",
    "Atomics",
    "BigInt",
    "Boolean",
    "DataView",
    "Date",
    "Error",
    "AggregateError",
    "EvalError",
    "RangeError",
    "FinalizationRegistry",
    "Float64Array",
    "Function",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "TypeError",
    "Uint8Array",
    "BigInt64Array",
    "Uint32Array",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "DisposableStack",
    "escape",
    "undefined",
];

fn main() {
    let engine = Engine::start(Jit::On).expect("the engine starts");
    let seed = engine.seed();
    let image = on_a_thread(move || {
        let mut isolate = Isolate::new(seed, &IsolateOptions::default()).expect("an isolate");
        let image = isolate.enter(|scope| Image::compile(scope).map_err(drop)).expect("an image");
        isolate.shrink();
        image
    });
    if std::env::args().any(|argument| argument == "globals") {
        return globals(&engine);
    }
    let mut steps: [(&str, Vec<Duration>); 6] = [
        ("runtime and realm", Vec::new()),
        ("platform", Vec::new()),
        ("tenant's module", Vec::new()),
        ("first request", Vec::new()),
        ("end", Vec::new()),
        ("all", Vec::new()),
    ];
    for round in 0..ROUNDS {
        let (seed, image) = (engine.seed(), image.clone());
        let times = on_a_thread(move || life(seed, &image));
        if round < ROUNDS / 10 {
            continue;
        }
        for (step, pair) in steps.iter_mut().zip(times.windows(2)) {
            step.1.push(pair[1] - pair[0]);
        }
        steps[5].1.push(times[5]);
    }
    for (what, times) in &mut steps {
        println!("{what:<20} {:>6} µs", median(times).as_micros());
    }
    insula_spidermonkey::exit_now(0);
}

/// The thread's CPU time before each step of an isolate's life, and after the last.
fn life(seed: Seed, image: &Image) -> [Duration; 6] {
    let begin = Duration::ZERO;
    let start = cpu();
    let mut isolate = Isolate::new(seed, &IsolateOptions::default()).expect("an isolate");
    let made = cpu() - start;
    let platform = Platform::install(&mut isolate, image, Rc::new(Deaf)).expect("the platform");
    let installed = cpu() - start;
    isolate.enter(|scope| {
        scope.add_module("main.js", ModuleBody::JavaScript(HELLO.to_owned()));
        assert!(scope.evaluate_module("main.js").is_ok());
        let _ = platform.settle(scope);
        let Ok(namespace) = scope.module_namespace("main.js") else { panic!("no namespace") };
        assert!(platform.configure(scope, namespace).is_ok_and(|exports| exports.fetch));
    });
    let booted = cpu() - start;
    isolate.enter(|scope| {
        let headers = HeaderBlock::parse(b"").expect("no fields");
        let asked = platform.request(scope, 2, "GET", "http://a.example/", headers, Incoming::None);
        assert!(asked.is_ok());
        let _ = platform.settle(scope);
    });
    let served = cpu() - start;
    drop(platform);
    drop(isolate);
    [begin, made, installed, booted, served, cpu() - start]
}

fn globals(engine: &Engine) {
    for name in GLOBALS {
        let mut times = Vec::new();
        for _ in 0..60 {
            let seed = engine.seed();
            times.push(on_a_thread(move || {
                let mut isolate =
                    Isolate::new(seed, &IsolateOptions::default()).expect("an isolate");
                isolate.enter(|scope| {
                    scope.add_module(
                        "warm.js",
                        ModuleBody::JavaScript("globalThis.undefined;".into()),
                    );
                    scope
                        .add_module("it.js", ModuleBody::JavaScript(format!("globalThis.{name};")));
                    assert!(scope.evaluate_module("warm.js").is_ok());
                    let start = cpu();
                    assert!(scope.evaluate_module("it.js").is_ok());
                    cpu() - start
                })
            }));
        }
        println!("{name:<22} {:>6.1} µs", median(&mut times).as_nanos() as f64 / 1e3);
    }
    insula_spidermonkey::exit_now(0);
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    thread.join().expect("it does not panic")
}

/// Hears nothing.
struct Deaf;

impl Host for Deaf {
    fn send(&self, _: IsolateFrame<'_>) {}
    fn log(&self, _: u32, _: LogLevel, _: &str) {}
    fn start_timer(&self, _: u32, _: Duration, _: u32) {}
    fn cancel_timer(&self, _: u32) {}
    fn request_done(&self, _: u32) {}
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    fn time_origin(&self) -> f64 {
        0.0
    }
}
