//! The engine's helper threads, which compile and collect beside the isolates.
//!
//! The engine has a pool of its own. This one exists because an isolate's end hands a handful of tasks to it, each of
//! which takes less than to wake a thread and to wait for it: a thread that has asked for it runs the collector's tasks
//! itself, at once.

use std::arch::asm;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::thread;

/// The engine's own choice: just below what a kernel would make one huge page of.
const STACK_BYTES: usize = (2 << 20) - 2 * 4096;

/// What the engine calls a task of the collector.
const COLLECTORS: &CStr = c"GCParallelTask";

/// What it calls those that make machine code: they end without it if they are refused memory. A WebAssembly module that
/// the first compiler cannot make is an exception to who wanted it.
const COMPILERS: [&CStr; 4] = [
    c"IonCompileTask",
    c"WasmCompileTask",
    c"CompleteTier2GeneratorTask",
    c"PartialTier2CompileTask",
];

static POOL: OnceLock<Pool> = OnceLock::new();

thread_local! {
    /// What this thread does for itself; `None` while it leaves everything to the pool.
    static ALONE: RefCell<Option<Alone>> = const { RefCell::new(None) };
}

/// Something of the engine's, to be run once.
#[derive(Clone, Copy)]
struct Task(*mut c_void);

// SAFETY: the engine makes tasks to be run on any thread, and waits for them before it frees them.
unsafe impl Send for Task {}

struct Pool {
    /// Never more than there are threads: the engine keeps the rest.
    tasks: Mutex<VecDeque<Task>>,
    arrived: Condvar,
}

#[derive(Default)]
struct Alone {
    /// Whether a task is being run: what it brings about waits until it is over, for no task expects to run within another.
    runs: bool,
    waiting: VecDeque<Task>,
}

unsafe extern "C" {
    #[link_name = "_ZN2js20GetHelperThreadCountEv"]
    fn thread_count() -> usize;
    #[link_name = "_ZN2JS27SetHelperThreadTaskCallbackEPFvPNS_16HelperThreadTaskEEmm"]
    fn set_callback(callback: unsafe extern "C" fn(*mut c_void), threads: usize, stack: usize);
    #[link_name = "_ZN2JS19RunHelperThreadTaskEPNS_16HelperThreadTaskE"]
    fn run(task: *mut c_void);
    #[link_name = "_ZN2JS23GetHelperThreadTaskNameEPNS_16HelperThreadTaskE"]
    fn name_of(task: *mut c_void) -> *const c_char;
    /// Never called: it tells a step of a compilation.
    #[link_name = "_ZN2js3jit13RangeAnalysis7analyzeEv"]
    fn analyze_ranges(analysis: *mut c_void) -> bool;
    #[link_name = "_Unwind_Backtrace"]
    fn walk_stack(
        each: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    #[link_name = "_Unwind_GetRegionStart"]
    fn function_of(frame: *mut c_void) -> usize;
}

/// Gives the engine as many threads as it would make, or those that can be had. To be called once, between the engine's
/// start and its first runtime.
///
/// # Errors
///
/// No thread can be made.
pub(crate) fn provide() -> std::io::Result<()> {
    // SAFETY: the engine has started, and with it the state that this reads.
    let wanted = unsafe { thread_count() };
    let pool = POOL.get_or_init(|| Pool {
        tasks: Mutex::new(VecDeque::with_capacity(wanted)),
        arrived: Condvar::new(),
    });
    for made in 0..wanted {
        let named = thread::Builder::new().name("JS Helper".to_owned()).stack_size(STACK_BYTES);
        match named.spawn(|| pool.work()) {
            Ok(_) => {}
            Err(error) if made == 0 => return Err(error),
            Err(_) => {
                hand_over(made);
                return Ok(());
            }
        }
    }
    hand_over(wanted);
    Ok(())
}

/// Lets this thread run the collector's tasks itself while it does `work`. They may be another isolate's too, if the pool
/// had no room for them before.
pub(crate) fn alone<R>(work: impl FnOnce() -> R) -> R {
    let _afterwards = Afterwards(ALONE.replace(Some(Alone::default())));
    work()
}

/// Ends a thread's being alone, after a panic too.
struct Afterwards(Option<Alone>);

impl Drop for Afterwards {
    fn drop(&mut self) {
        ALONE.set(self.0.take());
    }
}

fn hand_over(threads: usize) {
    // SAFETY: the engine has started and made no runtime yet, so it has no threads of its own; the callback lives as long as
    // the process.
    unsafe { set_callback(dispatch, threads, STACK_BYTES) };
}

/// # Safety
///
/// Only the engine calls it, with a task that is to be run once, and without its lock.
unsafe extern "C" fn dispatch(task: *mut c_void) {
    // SAFETY: the task is alive until it has been run.
    let is_collectors = unsafe { name(task) } == COLLECTORS;
    if is_collectors && keep(Task(task)) {
        while let Some(task) = begin_kept() {
            run_here(task);
            end_kept();
        }
    } else if let Some(pool) = POOL.get() {
        pool.take(Task(task));
    }
}

/// # Safety
///
/// The task is alive: it has not been run.
unsafe fn name(task: *mut c_void) -> &'static CStr {
    // SAFETY: the task is alive, by the caller's contract; its name is a literal.
    unsafe { CStr::from_ptr(name_of(task)) }
}

/// Whether this thread's compilation is at the one step that ends the process if it is refused memory, to the sums of
/// variables that bound a loop's. What the step takes is a part of what the function has taken before, which is bounded.
///
/// It is asked about requests that would be refused: few, and the last ones of their compilation.
fn is_analyzing_ranges() -> bool {
    /// `_URC_NO_REASON`: go on; and anything else.
    const ON: c_int = 0;
    const STOP: c_int = 4;
    unsafe extern "C" fn look(frame: *mut c_void, found: *mut c_void) -> c_int {
        // SAFETY: the unwinder's frame is valid during the call; `found` is the flag below.
        unsafe {
            if function_of(frame) != analyze_ranges as *const () as usize {
                return ON;
            }
            *found.cast::<bool>() = true;
        }
        STOP
    }
    let mut found = false;
    // SAFETY: `look` unwinds nothing, and the flag outlives the walk.
    unsafe { walk_stack(look, (&raw mut found).cast()) };
    found
}

/// Returns whether this thread runs the collector's tasks itself.
fn keep(task: Task) -> bool {
    ALONE.with_borrow_mut(|alone| {
        alone.as_mut().map(|alone| alone.waiting.push_back(task)).is_some()
    })
}

fn begin_kept() -> Option<Task> {
    ALONE.with_borrow_mut(|alone| {
        let alone = alone.as_mut().filter(|alone| !alone.runs)?;
        let task = alone.waiting.pop_front();
        alone.runs = task.is_some();
        task
    })
}

fn end_kept() {
    ALONE.with_borrow_mut(|alone| {
        if let Some(alone) = alone {
            alone.runs = false;
        }
    });
}

/// Runs a task of the collector on a thread that has a runtime, and with it a context of its own for collecting: the
/// engine gives a task another one, and takes it for granted that there was none.
fn run_here(Task(task): Task) {
    let context = collecting_context();
    // SAFETY: the variable is this thread's, and nothing else writes to it but what is called here, which leaves null behind.
    // The engine gave the task to be run once, and it was taken once.
    unsafe {
        let own = context.replace(ptr::null_mut());
        // It may be another isolate's, which this one's account must not keep from what it needs.
        insula_memory::exempt(|| run(task));
        context.write(own);
    }
}

/// The engine's variable `js::TlsGCContext` of this thread: a pointer, in the storage that every thread has from its start.
#[cfg(target_arch = "x86_64")]
fn collecting_context() -> *mut *mut c_void {
    let address;
    // SAFETY: it computes an address as the x86-64 ABI has it for variables of threads in the program itself, and touches
    // no memory but the thread's pointer to itself and the linker's table.
    unsafe {
        asm!(
            "mov {address}, qword ptr fs:[0]",
            "add {address}, qword ptr [rip + _ZN2js12TlsGCContextE@GOTTPOFF]",
            address = out(reg) address,
            options(pure, readonly, nostack),
        );
    }
    address
}

/// The same as the ABI of AArch64 has it.
#[cfg(target_arch = "aarch64")]
fn collecting_context() -> *mut *mut c_void {
    let address;
    // SAFETY: as above.
    unsafe {
        asm!(
            "adrp {offset}, :gottprel:_ZN2js12TlsGCContextE",
            "ldr {offset}, [{offset}, #:gottprel_lo12:_ZN2js12TlsGCContextE]",
            "mrs {address}, tpidr_el0",
            "add {address}, {address}, {offset}",
            offset = out(reg) _,
            address = out(reg) address,
            options(pure, readonly, nostack),
        );
    }
    address
}

impl Pool {
    fn take(&self, task: Task) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
        self.arrived.notify_one();
    }

    fn work(&self) -> ! {
        loop {
            let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            let tasks = self.arrived.wait_while(tasks, |tasks| tasks.is_empty());
            let task = tasks.unwrap_or_else(PoisonError::into_inner).pop_front();
            if let Some(Task(task)) = task {
                // SAFETY: the engine gave it to be run once, and it was taken once.
                unsafe {
                    if COMPILERS.contains(&name(task)) {
                        insula_memory::unnamed(is_analyzing_ranges, || run(task));
                    } else {
                        run(task);
                    }
                }
            }
        }
    }
}
