//! Hulls: the chunks of addresses in which the engine's heap of an isolate begins, kept when the isolate ends for one
//! that starts.
//!
//! The kernel takes a microsecond for each page that is touched for the first time, and as long again, with every
//! processor told, when it goes. An isolate touches nearly a hundred of them in its first chunk and some in three more,
//! whatever it does. To clear one that is there takes a twentieth.

use std::cell::Cell;
use std::ffi::c_void;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libc::c_int;

/// What the engine takes addresses in, aligned to as much.
pub(crate) const HULL: usize = 1 << 20;

/// Bytes of a kept hull that may be there, for the first chunk of an isolate and those after it: what every isolate
/// touches, and hardly more, for the next one may idle.
const KEPT: [usize; 4] = [384 << 10, 64 << 10, 32 << 10, 32 << 10];

/// Hulls that are kept of each: as many as end while others start.
const MOST: usize = 8;

const PAGE: usize = 4096;

static HULLS: Mutex<[Hulls; KEPT.len()]> =
    Mutex::new([const { Hulls { kept: [0; MOST], count: 0 } }; KEPT.len()]);

thread_local! {
    /// The chunk that this thread got last, until the engine says that it does not need its pages yet.
    static FRESH: Cell<usize> = const { Cell::new(0) };
    /// The first hull that this thread got last, and how often the engine will say so of it: it is a nursery at first,
    /// then none, and new again.
    static FRESH_HULL: Cell<(usize, u8)> = const { Cell::new((0, 0)) };
    /// Whether the heap of this thread's isolate is about to go as a whole.
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// Lets `work` end a heap. What the engine does not need any more on the way stays there until its chunk goes, which is soon:
/// either that is unmapped, or it is cleared and kept, and then pages that were taken away cost the next isolate a fault
/// each, and all processors to be told.
pub fn end_heap<R>(work: impl FnOnce() -> R) -> R {
    let _afterwards = Afterwards(ENDS.replace(true));
    work()
}

/// Ends the ending, after a panic too.
struct Afterwards(bool);

impl Drop for Afterwards {
    fn drop(&mut self) {
        ENDS.set(self.0);
    }
}

/// Addresses of one place in isolates' lives, of which all bytes are zero, and nobody's.
struct Hulls {
    kept: [usize; MOST],
    count: usize,
}

/// What an account's chunk is that has had so many before.
pub(crate) fn place_after(chunks: u32) -> Option<usize> {
    usize::try_from(chunks).ok().filter(|place| *place < KEPT.len())
}

/// A kept hull, clear.
pub(crate) fn take(place: usize) -> Option<*mut c_void> {
    let mut hulls = hulls();
    let hulls = &mut hulls[place];
    hulls.count = hulls.count.checked_sub(1)?;
    Some(hulls.kept[hulls.count] as *mut c_void)
}

/// Clears and keeps a hull that nobody uses any more, unless there are enough.
///
/// # Safety
///
/// The hull is the caller's alone, and mapped to be read and written.
pub(crate) unsafe fn keep(hull: *mut c_void, place: usize) -> bool {
    let kept = KEPT[place];
    if hulls()[place].count == MOST {
        return false;
    }
    // SAFETY: the hull is the caller's alone, so its pages may go and its bytes may be read and written.
    unsafe {
        let rest = hull.byte_add(kept);
        if libc::syscall(libc::SYS_madvise, rest, HULL - kept, libc::MADV_DONTNEED) != 0 {
            return false;
        }
        for at in (0..kept).step_by(PAGE) {
            let words = hull.byte_add(at).cast::<usize>();
            let page = slice::from_raw_parts_mut(words, PAGE / size_of::<usize>());
            // What was never touched reads as zero without being there, and stays so.
            if page.iter().any(|word| *word != 0) {
                page.fill(0);
            }
        }
    }
    let mut hulls = hulls();
    let hulls = &mut hulls[place];
    let count = hulls.count;
    let Some(free) = hulls.kept.get_mut(count) else { return false };
    *free = hull as usize;
    hulls.count += 1;
    true
}

/// Gives kept hulls back to the kernel.
pub(crate) fn release() {
    for hull in (0..KEPT.len()).flat_map(|place| std::iter::from_fn(move || take(place))) {
        // SAFETY: nobody uses a kept hull.
        unsafe { libc::syscall(libc::SYS_munmap, hull, HULL) };
    }
}

/// This thread has got a chunk, all of it zero.
pub(crate) fn is_fresh(chunk: *mut c_void, place: Option<usize>) {
    match place {
        Some(0) => FRESH_HULL.set((chunk as usize, 2)),
        _ => FRESH.set(chunk as usize),
    }
}

/// # Safety
///
/// As Linux says of `madvise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int {
    if advice == libc::MADV_DONTNEED && (ENDS.get() || is_not_needed_yet(address as usize, length))
    {
        return 0;
    }
    // SAFETY: the caller's contract is the kernel's.
    unsafe { libc::syscall(libc::SYS_madvise, address, length, advice) as c_int }
}

/// Whether these are the pages of a new chunk, but for those in front, which the engine says that it does not need yet.
/// They are zero as they would be without them, or what the nursery has left in a hull: the engine writes before it
/// reads, and soon, so it is cheaper to have them.
fn is_not_needed_yet(start: usize, length: usize) -> bool {
    let is_rest_of = |chunk| start > chunk && start.wrapping_add(length) == chunk + HULL;
    let (hull, times) = FRESH_HULL.get();
    if times > 0 && is_rest_of(hull) {
        FRESH_HULL.set((hull, times - 1));
        return true;
    }
    let is_fresh = FRESH.get() != 0 && is_rest_of(FRESH.get());
    if is_fresh {
        FRESH.set(0);
    }
    is_fresh
}

// Nothing here panics, so poisoning is of no interest.
fn hulls() -> MutexGuard<'static, [Hulls; KEPT.len()]> {
    HULLS.lock().unwrap_or_else(PoisonError::into_inner)
}
