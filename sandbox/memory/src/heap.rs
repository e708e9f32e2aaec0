//! `malloc` and its kin.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;
use std::ptr::null_mut;

use libc::{c_int, size_t};

use crate::account::Owner;

/// Requests of this many bytes and more are charged.
pub(crate) const LARGE: usize = 64;

/// A block whose usable size is below this has no note. Requests that are not charged never get so
/// much: the C library rounds up by at most 31 bytes. Charged ones are made at least so large.
const NOTED: usize = 128;

/// What a charged block carries in its last bytes.
#[derive(Clone, Copy)]
#[repr(C)]
struct Note {
    /// The block's address and a constant: blocks that come from elsewhere do not have it.
    mark: usize,
    owner: Owner,
}

const NOTE: usize = size_of::<Note>();

/// Makes a chance match of [`Note::mark`] as good as impossible.
const MARK: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;

unsafe extern "C" {
    fn __libc_malloc(size: size_t) -> *mut c_void;
    fn __libc_calloc(count: size_t, size: size_t) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: size_t) -> *mut c_void;
    fn __libc_memalign(alignment: size_t, size: size_t) -> *mut c_void;
    fn __libc_free(block: *mut c_void);
}

/// Rust's allocator for a program with budgets: it charges, and refuses nothing.
#[derive(Debug, Clone, Copy)]
pub struct Charged;

// SAFETY: the C library's allocator upholds the contract, and a note changes nothing about it: it
// lies behind what was asked for.
unsafe impl GlobalAlloc for Charged {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any sizes are legal.
        unsafe {
            match layout.align() <= MIN_ALIGN {
                true => take(layout.size(), false, |size| __libc_malloc(size)).cast(),
                false => {
                    let align = layout.align();
                    take(layout.size(), false, |size| __libc_memalign(align, size)).cast()
                }
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the block is one of this allocator's, by the caller's contract.
        unsafe { free(block.cast()) };
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any sizes are legal; memory of `memalign` is cleared before it is given out.
        unsafe {
            if layout.align() <= MIN_ALIGN {
                return take(layout.size(), false, |size| __libc_calloc(1, size)).cast();
            }
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the block is one of this allocator's, by the caller's contract; one with a larger
        // alignment is copied, up to the smaller of the two sizes.
        unsafe {
            if layout.align() <= MIN_ALIGN {
                return resize(block.cast(), size, false).cast();
            }
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

/// What every block of the C library is aligned to.
const MIN_ALIGN: usize = 16;

/// # Safety
///
/// As the C standard says of `malloc`; so for the others below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc(size: size_t) -> *mut c_void {
    // SAFETY: any size is legal.
    unsafe { take(size, true, |size| __libc_malloc(size)) }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calloc(count: size_t, size: size_t) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else { return refuse() };
    // SAFETY: any size is legal.
    unsafe { take(size, true, |size| __libc_calloc(1, size)) }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn realloc(block: *mut c_void, size: size_t) -> *mut c_void {
    // SAFETY: the caller's contract is this function's.
    unsafe {
        if block.is_null() {
            return malloc(size);
        }
        if size == 0 {
            free(block);
            return null_mut();
        }
        resize(block, size, true)
    }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(block: *mut c_void) {
    // SAFETY: the block is the C library's and live, by the caller's contract.
    unsafe {
        if block.is_null() {
            return;
        }
        if let Some((note, owner)) = note_of(block) {
            // The memory may become a block that is not charged.
            (*note).mark = 0;
            owner.credit(libc::malloc_usable_size(block) as u64);
        }
        __libc_free(block);
    }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memalign(alignment: size_t, size: size_t) -> *mut c_void {
    // SAFETY: any sizes are legal.
    unsafe { take(size, true, |size| __libc_memalign(alignment, size)) }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aligned_alloc(alignment: size_t, size: size_t) -> *mut c_void {
    // SAFETY: any sizes are legal.
    unsafe { memalign(alignment, size) }
}

/// # Safety
///
/// See [`malloc`]; `out` is a valid place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_memalign(
    out: *mut *mut c_void,
    alignment: size_t,
    size: size_t,
) -> c_int {
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<usize>()) {
        return libc::EINVAL;
    }
    // SAFETY: `out` is the caller's promise.
    unsafe {
        let block = memalign(alignment, size);
        if block.is_null() {
            return libc::ENOMEM;
        }
        *out = block;
    }
    0
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn valloc(size: size_t) -> *mut c_void {
    // SAFETY: any size is legal.
    unsafe { memalign(page(), size) }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pvalloc(size: size_t) -> *mut c_void {
    let Some(size) = size.checked_next_multiple_of(page()) else { return refuse() };
    // SAFETY: any size is legal.
    unsafe { memalign(page(), size) }
}

/// A block from the C library, charged if it is large.
unsafe fn take(
    size: usize,
    may_refuse: bool,
    from: impl FnOnce(usize) -> *mut c_void,
) -> *mut c_void {
    if size < LARGE {
        return from(size);
    }
    let Some(whole) = with_note(size) else { return refuse() };
    let owner = Owner::current();
    if !owner.charge(whole as u64, may_refuse) {
        return refuse();
    }
    let block = from(whole);
    if block.is_null() {
        owner.credit(whole as u64);
        return block;
    }
    // SAFETY: the block was made just now, and is at least `NOTED` bytes.
    unsafe {
        settle(owner, whole, libc::malloc_usable_size(block));
        write_note(block, owner);
    }
    block
}

/// Another size for a live block that is not null. Who was charged for it stays so.
unsafe fn resize(block: *mut c_void, size: usize, may_refuse: bool) -> *mut c_void {
    // SAFETY: the block is live and the C library's; notes are written where `malloc_usable_size`
    // says that its memory ends, in blocks of at least `NOTED` bytes only.
    unsafe {
        let before = libc::malloc_usable_size(block);
        let noted = note_of(block);
        let (owner, charged) = match noted {
            Some((_, owner)) => (owner, before),
            None => (Owner::current(), 0),
        };
        let whole = if size < LARGE { Some(size) } else { with_note(size) };
        let Some(whole) = whole else { return refuse() };
        let more = if size < LARGE { 0 } else { whole.saturating_sub(charged) };
        if !owner.charge(more as u64, may_refuse) {
            return refuse();
        }
        if let Some((note, _)) = noted {
            (*note).mark = 0;
        }
        let new = __libc_realloc(block, whole);
        if new.is_null() {
            owner.credit(more as u64);
            if noted.is_some() {
                write_note(block, owner);
            }
            return new;
        }
        if size < LARGE {
            owner.credit(charged as u64);
        } else {
            settle(owner, charged + more, libc::malloc_usable_size(new));
            write_note(new, owner);
        }
        new
    }
}

/// Makes a charge of `charged` bytes one of `real` bytes: the C library rounds.
fn settle(owner: Owner, charged: usize, real: usize) {
    match real.checked_sub(charged) {
        Some(more) => drop(owner.charge(more as u64, false)),
        None => owner.credit((charged - real) as u64),
    }
}

/// What is asked of the C library for a charged block of `size` bytes.
fn with_note(size: usize) -> Option<usize> {
    Some(size.checked_add(NOTE)?.max(NOTED))
}

/// The note of a live block, if it has one, and whom it names.
unsafe fn note_of(block: *mut c_void) -> Option<(*mut Note, Owner)> {
    // SAFETY: the block is live, by the caller's contract, so its usable memory may be read; it is
    // aligned to 16 bytes and so is its end but for 8, which suffices for a note.
    unsafe {
        let usable = libc::malloc_usable_size(block);
        if usable < NOTED {
            return None;
        }
        let note = block.byte_add(usable - NOTE).cast::<Note>();
        let Note { mark, owner } = note.read();
        (mark == block as usize ^ MARK).then_some((note, owner))
    }
}

unsafe fn write_note(block: *mut c_void, owner: Owner) {
    // SAFETY: the block is live and at least `NOTED` bytes, by the caller's contract; see `note_of`.
    unsafe {
        let usable = libc::malloc_usable_size(block);
        let note = block.byte_add(usable - NOTE).cast::<Note>();
        note.write(Note { mark: block as usize ^ MARK, owner });
    }
}

fn refuse() -> *mut c_void {
    // SAFETY: the location is this thread's own.
    unsafe { *libc::__errno_location() = libc::ENOMEM };
    null_mut()
}

fn page() -> usize {
    // SAFETY: it asks the C library for a constant.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}
