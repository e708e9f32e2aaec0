use std::sync::{Mutex, OnceLock, mpsc};

use insula_platform::Image;
use insula_spidermonkey::{Engine, Isolate, IsolateOptions, Seed};

/// What an isolate is made from, and whoever waits for it.
type Request = mpsc::SyncSender<(Seed, Image)>;

static REQUESTS: OnceLock<Mutex<mpsc::SyncSender<Request>>> = OnceLock::new();

/// Starts the process's one engine, on a thread of its own: those of the tests come and go.
pub fn start_engine() {
    let (sender, receiver) = mpsc::sync_channel::<Request>(16);
    on_large_stack(move || {
        let engine = Engine::start(insula_spidermonkey::Jit::On).expect("the engine starts");
        let seed = engine.seed();
        let image = on_large_stack(move || compile(seed)).join().expect("the platform compiles");
        for request in receiver {
            // Whoever asked may have panicked meanwhile.
            let _ = request.send((engine.seed(), image.clone()));
        }
    });
    assert!(REQUESTS.set(Mutex::new(sender)).is_ok(), "the engine starts once");
}

pub(super) fn seed() -> (Seed, Image) {
    let (sender, receiver) = mpsc::sync_channel(1);
    let requests = REQUESTS.get().expect("the engine is started").lock().expect("nobody panics");
    requests.send(sender).expect("the engine lives");
    drop(requests);
    receiver.recv().expect("the engine lives")
}

/// JavaScript may use 768 KiB of stack, and ops run above that.
pub(super) fn on_large_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread starts")
}

fn compile(seed: Seed) -> Image {
    let mut isolate = Isolate::new(seed, &IsolateOptions::default()).expect("an isolate is made");
    let image = isolate.enter(|scope| match Image::compile(scope) {
        Ok(image) => image,
        Err(throw) => panic!("{:?}", scope.take_exception(throw)),
    });
    isolate.shrink();
    image
}
