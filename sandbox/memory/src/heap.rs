//! `malloc` and its kin.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;
use std::ptr::null_mut;

use libc::{c_int, size_t};

use crate::account::{Owner, Refusal};
use crate::hulls;
use crate::note::{note_of, with_note, write_note};
use crate::supply::Resource;

/// Requests of this many bytes and more are charged.
pub(crate) const LARGE: usize = 64;

/// Requests of this many bytes and more are mappings of their own.
pub(crate) const MAPPED: usize = 1 << 20;

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
                true => take(layout.size(), Refusal::Never, |size| __libc_malloc(size)).cast(),
                false => {
                    let align = layout.align();
                    take(layout.size(), Refusal::Never, |size| __libc_memalign(align, size)).cast()
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
                return take(layout.size(), Refusal::Never, |size| __libc_calloc(1, size)).cast();
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
                return resize(block.cast(), size, Refusal::Never).cast();
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

/// The stack on which the engine's regular expressions go back, which grows with the text that they look at, doubles
/// each time, up to this. The engine ends the process when it cannot.
const REGEXP_STACK: usize = 64 << 20;

/// How `malloc` of so much takes a refusal. Who asks cannot be seen; buffers that tenants ask for come from `calloc`,
/// those that grow from `realloc`.
fn refusal_of(size: usize) -> Refusal {
    let may_be_a_stack = size.is_power_of_two() && (MAPPED..=REGEXP_STACK).contains(&size);
    if may_be_a_stack { Refusal::Late } else { Refusal::AtTheLimit }
}

/// What every block of the C library is aligned to.
const MIN_ALIGN: usize = 16;

/// # Safety
///
/// As the C standard says of `malloc`; so for the others below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc(size: size_t) -> *mut c_void {
    // SAFETY: any size is legal.
    unsafe { take(size, refusal_of(size), |size| __libc_malloc(size)) }
}

/// # Safety
///
/// See [`malloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calloc(count: size_t, size: size_t) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else { return refuse() };
    // SAFETY: any size is legal.
    unsafe { take(size, Refusal::AtTheLimit, |size| __libc_calloc(1, size)) }
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
        resize(block, size, Refusal::AtTheLimit)
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
            settle_mapping(owner, is_mapping(block), false);
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
    unsafe { take(size, Refusal::AtTheLimit, |size| __libc_memalign(alignment, size)) }
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
    refusal: Refusal,
    from: impl FnOnce(usize) -> *mut c_void,
) -> *mut c_void {
    if size < LARGE {
        return from(size);
    }
    let Some(whole) = with_note(size) else { return refuse() };
    let owner = Owner::current();
    if !owner.charge(whole as u64, refusal) {
        return refuse();
    }
    let mapped = whole >= MAPPED;
    if mapped && !owner.hold(Resource::Mappings, 1, refusal != Refusal::Never) {
        owner.credit(whole as u64);
        return refuse();
    }
    let block = from(whole);
    if block.is_null() {
        owner.credit(whole as u64);
        settle_mapping(owner, mapped, false);
        return block;
    }
    // SAFETY: the block was made just now, and is at least `NOTED` bytes.
    unsafe {
        settle(owner, whole, libc::malloc_usable_size(block));
        settle_mapping(owner, mapped, is_mapping(block));
        write_note(block, owner);
    }
    block
}

/// Another size for a live block that is not null. Who was charged for it stays so.
unsafe fn resize(block: *mut c_void, size: usize, refusal: Refusal) -> *mut c_void {
    // SAFETY: the block is live and the C library's; notes are written where `malloc_usable_size`
    // says that its memory ends, in blocks of at least `NOTED` bytes only.
    unsafe {
        let before = libc::malloc_usable_size(block);
        let noted = note_of(block);
        let (owner, charged, was_mapped) = match noted {
            Some((_, owner)) => (owner, before, is_mapping(block)),
            None => (Owner::current(), 0, false),
        };
        // A mapping of its own may stay one, however small the block becomes.
        let is_charged = size >= LARGE || was_mapped;
        let whole = if is_charged { with_note(size) } else { Some(size) };
        let Some(whole) = whole else { return refuse() };
        let more = if is_charged { whole.saturating_sub(charged) } else { 0 };
        if !owner.charge(more as u64, refusal) {
            return refuse();
        }
        let mapped = was_mapped || whole >= MAPPED;
        if mapped && !was_mapped && !owner.hold(Resource::Mappings, 1, refusal != Refusal::Never) {
            owner.credit(more as u64);
            return refuse();
        }
        if let Some((note, _)) = noted {
            (*note).mark = 0;
        }
        let new = __libc_realloc(block, whole);
        if new.is_null() {
            owner.credit(more as u64);
            settle_mapping(owner, mapped, was_mapped);
            if noted.is_some() {
                write_note(block, owner);
            }
            return new;
        }
        settle_mapping(owner, mapped, is_charged && is_mapping(new));
        if is_charged {
            settle(owner, charged + more, libc::malloc_usable_size(new));
            write_note(new, owner);
        } else {
            owner.credit(charged as u64);
        }
        new
    }
}

/// Makes a charge of `charged` bytes one of `real` bytes: the C library rounds.
fn settle(owner: Owner, charged: usize, real: usize) {
    match real.checked_sub(charged) {
        Some(more) => drop(owner.charge(more as u64, Refusal::Never)),
        None => owner.credit((charged - real) as u64),
    }
}

/// Makes a charge for a mapping, or for none, one for what the block really is.
fn settle_mapping(owner: Owner, charged: bool, real: bool) {
    match (charged, real) {
        (true, false) => owner.release(Resource::Mappings, 1),
        (false, true) => drop(owner.hold(Resource::Mappings, 1, false)),
        _ => {}
    }
}

/// Whether a live block is a mapping of its own.
///
/// # Safety
///
/// The block is live and the C library's.
unsafe fn is_mapping(block: *mut c_void) -> bool {
    /// A bit of the size that the C library keeps before each block; debuggers rely on it.
    const IS_MAPPED: usize = 2;
    // SAFETY: the block is live and the C library's, by the caller's contract, so its size is there.
    unsafe { block.cast::<usize>().sub(1).read() & IS_MAPPED != 0 }
}

/// Gives free pages in the C library's heaps back to the kernel, and kept hulls. Isolates share those heaps, so what one
/// leaves behind lies between the blocks of others, and only the free end of a heap goes by itself.
pub fn trim() {
    hulls::release();
    // SAFETY: it takes any number.
    unsafe { libc::malloc_trim(0) };
}

/// Has the C library give each block of [`MAPPED`] bytes and more a mapping of its own. By itself it
/// would do that for smaller ones, and for fewer and fewer as large ones are freed. Call it once, before
/// other threads run.
pub fn settle_threshold() {
    // SAFETY: it sets a number.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED as c_int) };
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
