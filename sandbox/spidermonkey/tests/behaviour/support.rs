use std::sync::{Mutex, OnceLock, mpsc};

use insula_spidermonkey::{
    Engine, Isolate, IsolateOptions, ModuleBody, Scope, Seed, Throw, Thrown,
};

unsafe extern "C" {
    /// glibc's `atexit` with the exit status.
    fn on_exit(
        handler: extern "C" fn(i32, *mut std::ffi::c_void),
        argument: *mut std::ffi::c_void,
    ) -> i32;
}

/// The engine's own exit handlers abort while a runtime lives, and the parent runtime of the
/// tests never ends.
extern "C" fn leave(status: i32, _: *mut std::ffi::c_void) {
    insula_spidermonkey::exit_now(status)
}

/// A seed from the process's one engine, which lives on a thread of its own: test threads come
/// and go.
pub fn seed() -> Seed {
    type Requests = Mutex<mpsc::SyncSender<mpsc::SyncSender<Seed>>>;
    static ENGINE: OnceLock<Requests> = OnceLock::new();
    let requests = ENGINE.get_or_init(|| {
        let (sender, receiver) = mpsc::sync_channel::<mpsc::SyncSender<Seed>>(16);
        std::thread::spawn(move || {
            let engine = Engine::start(insula_spidermonkey::Jit::On).expect("the engine starts");
            // SAFETY: the handler is a plain function that stays valid; registered after the
            // engine's own handlers, it runs before them.
            assert_eq!(0, unsafe { on_exit(leave, std::ptr::null_mut()) });
            for reply in receiver {
                let _ = reply.send(engine.seed());
            }
        });
        Mutex::new(sender)
    });
    let (sender, receiver) = mpsc::sync_channel(1);
    requests.lock().unwrap().send(sender).unwrap();
    receiver.recv().unwrap()
}

/// Runs `test` on a thread with a stack for JavaScript, in a fresh isolate.
pub fn with_isolate(test: impl FnOnce(&mut Isolate) + Send + 'static) {
    with_options(IsolateOptions::default(), test);
}

pub fn with_options(options: IsolateOptions, test: impl FnOnce(&mut Isolate) + Send + 'static) {
    let seed = seed();
    std::thread::Builder::new()
        .stack_size(4 << 20)
        .spawn(move || {
            let mut isolate = Isolate::new(seed, &options).expect("an isolate is made");
            #[cfg(feature = "debugmozjs")]
            if let Ok(zeal) = std::env::var("INSULA_GCZEAL") {
                let (mode, frequency) = zeal.split_once(',').expect("MODE,FREQUENCY");
                isolate.set_gc_zeal(mode.parse().unwrap(), frequency.parse().unwrap());
            }
            isolate.open_nursery();
            test(&mut isolate);
        })
        .unwrap()
        .join()
        .unwrap();
}

/// Evaluates `source` as the module `name` and runs jobs. The module's exceptions are errors.
pub fn evaluate(scope: &mut Scope<'_>, name: &str, source: &str) -> Result<(), Throw> {
    scope.add_module(name, ModuleBody::JavaScript(source.to_owned()));
    let promise = scope.evaluate_module(name)?;
    scope.run_jobs();
    match scope.promise_state(promise) {
        Some(insula_spidermonkey::PromiseState::Rejected) => {
            let reason = scope.promise_result(promise);
            Err(scope.throw(reason))
        }
        _ => Ok(()),
    }
}

/// Evaluates `source` and returns the export `result` as text.
pub fn result_of(scope: &mut Scope<'_>, source: &str) -> String {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let name = format!("test{}.js", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    if let Err(throw) = evaluate(scope, &name, source) {
        panic!("{:?}", scope.take_exception(throw));
    }
    let namespace = scope.module_namespace(&name).unwrap();
    let result = scope.get(namespace, c"result").unwrap();
    let text = scope.to_string(result).unwrap();
    scope.to_utf8(text).unwrap()
}

/// What evaluating `source` throws.
pub fn error_of(scope: &mut Scope<'_>, name: &str, source: &str) -> insula_spidermonkey::ErrorInfo {
    let throw = evaluate(scope, name, source).expect_err("it throws");
    match scope.take_exception(throw) {
        Thrown::Exception(info) => info,
        Thrown::Terminated => panic!("terminated"),
    }
}
