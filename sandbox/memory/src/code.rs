//! Pages of machine code, which are either written or run: while they are only written, they need not change their
//! rights for each piece.
//!
//! Each change takes the lock of the process's mappings, and every processor has to hear of it.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use libc::c_int;

thread_local! {
    /// Whether this thread runs no machine code that it writes now.
    static WRITES: Cell<bool> = const { Cell::new(false) };
    /// Pages that this thread has written, and that are to become what is said beside them. Without a destructor, so that
    /// it may be looked at whenever a thread changes rights.
    static PUT_OFF: RefCell<PutOff> = const { RefCell::new(PutOff { ranges: [const { (0..0, 0) }; MOST], count: 0 }) };
}

/// Ranges that can be put off at once; further ones are not.
const MOST: usize = 8;

struct PutOff {
    ranges: [(Range<usize>, c_int); MOST],
    count: usize,
}

/// Lets `work` write machine code which is run only after it: what it writes becomes executable at the end, at once.
/// Until then it is not.
pub fn write_code<R>(work: impl FnOnce() -> R) -> R {
    let result = put_off(work);
    for (range, rights) in take() {
        // SAFETY: the engine asked for it, for pages that it has still.
        let done =
            unsafe { libc::syscall(libc::SYS_mprotect, range.start, range.len(), rights) } == 0;
        // As the engine does when it cannot have what it needs to go on.
        assert!(done, "machine code cannot be made executable");
    }
    result
}

/// The same for code that is gone when `work` is over.
pub fn write_last_code<R>(work: impl FnOnce() -> R) -> R {
    let result = put_off(work);
    take().for_each(drop);
    result
}

fn put_off<R>(work: impl FnOnce() -> R) -> R {
    let _afterwards = Afterwards(WRITES.replace(true));
    work()
}

/// Ends the putting off, after a panic too.
struct Afterwards(bool);

impl Drop for Afterwards {
    fn drop(&mut self) {
        WRITES.set(self.0);
    }
}

fn take() -> impl Iterator<Item = (Range<usize>, c_int)> {
    PUT_OFF.with_borrow_mut(|put_off| {
        let count = std::mem::take(&mut put_off.count);
        put_off.ranges.clone().into_iter().take(count)
    })
}

/// Whether this thread runs no machine code that it writes now, and the rights of one more range can be put off.
pub(crate) fn has_room() -> bool {
    WRITES.get() && PUT_OFF.with_borrow(|put_off| put_off.count < MOST)
}

/// Whether pages keep their rights for now instead of getting these: because they become executable later, or because
/// they are to be written and are so still.
pub(crate) fn is_put_off(start: usize, length: usize, rights: c_int) -> bool {
    if !WRITES.get() {
        return false;
    }
    let range = start..start.saturating_add(length);
    PUT_OFF.with_borrow_mut(|put_off| match rights & libc::PROT_EXEC != 0 {
        true => put_off.add(range, rights),
        false => rights & libc::PROT_WRITE != 0 && put_off.has(&range),
    })
}

impl PutOff {
    /// Returns whether there was room.
    fn add(&mut self, range: Range<usize>, rights: c_int) -> bool {
        let known = self.ranges[..self.count].iter_mut().find(|(known, known_rights)| {
            *known_rights == rights && known.start <= range.end && range.start <= known.end
        });
        if let Some((known, _)) = known {
            *known = known.start.min(range.start)..known.end.max(range.end);
            return true;
        }
        let Some(free) = self.ranges.get_mut(self.count) else { return false };
        *free = (range, rights);
        self.count += 1;
        true
    }

    fn has(&self, range: &Range<usize>) -> bool {
        let holds = |known: &Range<usize>| known.start <= range.start && range.end <= known.end;
        self.ranges[..self.count].iter().any(|(known, _)| holds(known))
    }
}
