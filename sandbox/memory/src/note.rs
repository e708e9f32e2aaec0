//! What a charged block carries behind its content.

use std::ffi::c_void;

use crate::account::Owner;

/// A block whose usable size is below this has no note. Requests that are not charged never get so
/// much: the C library rounds up by at most 31 bytes, and cuts off what a block in its heaps is shrunk by; a
/// mapping, of which it cuts whole pages only, stays charged. Charged ones are made at least so large.
const NOTED: usize = 128;

/// What a charged block carries in its last bytes.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Note {
    /// The block's address and a constant: blocks that come from elsewhere do not have it.
    pub(crate) mark: usize,
    owner: Owner,
}

const NOTE: usize = size_of::<Note>();

/// Makes a chance match of [`Note::mark`] as good as impossible.
const MARK: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;

/// What is asked of the C library for a charged block of `size` bytes.
pub(crate) fn with_note(size: usize) -> Option<usize> {
    Some(size.checked_add(NOTE)?.max(NOTED))
}

/// The note of a live block, if it has one, and whom it names.
///
/// # Safety
///
/// The block is live and the C library's.
pub(crate) unsafe fn note_of(block: *mut c_void) -> Option<(*mut Note, Owner)> {
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

/// Writes down who was charged for a block.
///
/// # Safety
///
/// The block is live, the C library's, and at least [`NOTED`] bytes.
pub(crate) unsafe fn write_note(block: *mut c_void, owner: Owner) {
    // SAFETY: the block is live and at least `NOTED` bytes, by the caller's contract; see `note_of`.
    unsafe {
        let usable = libc::malloc_usable_size(block);
        let note = block.byte_add(usable - NOTE).cast::<Note>();
        note.write(Note { mark: block as usize ^ MARK, owner });
    }
}
