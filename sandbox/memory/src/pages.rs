//! `mmap` and its kin. The C library's own calls, for its heap and for threads' stacks, do not come
//! this way.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use libc::{c_int, off_t, size_t};

use crate::account::{Owner, Refusal, unpaid};
use crate::code;
use crate::hulls::{self, HULL};
use crate::regions::{Cost, Kind, Regions};

static REGIONS: Mutex<Regions> = Mutex::new(Regions::new());

/// Whether any account ever reserved addresses. Until one does, a change of rights charges nobody:
/// the engine makes many when it writes machine code.
static RESERVED: AtomicBool = AtomicBool::new(false);

const READ_WRITE: c_int = libc::PROT_READ | libc::PROT_WRITE;

/// The flags of memory wherever there is room for it.
const PRIVATE: c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

/// The rights of a reservation: it costs nothing until it gets others. WebAssembly makes large ones.
const WITHOUT_RIGHTS: c_int = libc::PROT_NONE;

/// # Safety
///
/// As POSIX says of `mmap`; so for the others below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mmap(
    address: *mut c_void,
    length: size_t,
    rights: c_int,
    flags: c_int,
    file: c_int,
    offset: off_t,
) -> *mut c_void {
    let Some(bytes) = length.checked_next_multiple_of(PAGE) else { return refuse() };
    let owner = Owner::current();
    let is_chunk = length == HULL && rights == READ_WRITE && flags == PRIVATE;
    let place = if is_chunk { hulls::place_after(owner.count_chunk()) } else { None };
    let kind = place.map(Kind::Hull).or_else(|| kind_of(rights, flags));
    let cost = kind.map(|kind| Cost::of(kind, bytes));
    if cost.is_some_and(|cost| !cost.charge(owner)) {
        return refuse();
    }
    let kept = place.and_then(hulls::take);
    // Code that is about to be written would get these rights before its first byte.
    let is_written = rights & libc::PROT_EXEC != 0 && code::has_room();
    let first_rights = if is_written { READ_WRITE } else { rights };
    // SAFETY: the caller's contract is the kernel's.
    let mapped =
        kept.unwrap_or_else(|| unsafe { map(address, length, first_rights, flags, file, offset) });
    if is_written && mapped != libc::MAP_FAILED {
        let is_noted = code::is_put_off(mapped as usize, length, rights);
        debug_assert!(is_noted, "there was room to note it");
    }
    if is_chunk && mapped != libc::MAP_FAILED {
        hulls::is_fresh(mapped, place);
    }
    unpaid(|| {
        if mapped == libc::MAP_FAILED {
            cost.inspect(|cost| cost.refund(owner));
            return;
        }
        let mut regions = regions();
        // A fixed mapping replaces what was there.
        regions.remove(mapped as usize, bytes);
        let Some(cost) = cost else { return };
        // Of what nobody is charged for, only code is counted.
        if owner != Owner::NOBODY || cost.kind == Kind::Code {
            regions.insert(mapped as usize, owner, cost);
            RESERVED.fetch_or(cost.kind == Kind::Reserved, Ordering::Relaxed);
        }
    });
    mapped
}

/// # Safety
///
/// See [`mmap`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mmap64(
    address: *mut c_void,
    length: size_t,
    rights: c_int,
    flags: c_int,
    file: c_int,
    offset: off_t,
) -> *mut c_void {
    // SAFETY: the caller's contract is this function's.
    unsafe { mmap(address, length, rights, flags, file, offset) }
}

/// # Safety
///
/// See [`mmap`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn munmap(address: *mut c_void, length: size_t) -> c_int {
    unpaid(|| {
        // Before the call, for after it another thread may get the same addresses; and not while it lasts: it waits
        // for all that this process does with its mappings, and everybody else would wait for it.
        let bytes = length.checked_next_multiple_of(PAGE).unwrap_or(usize::MAX);
        let taken = regions().take(address as usize, bytes);
        // What was mapped where the engine could not use it would be of no use to the next one either.
        let hull = taken.hull().filter(|_| (address as usize).is_multiple_of(HULL));
        // SAFETY: the caller gives it up, and it has the rights that it began with: the engine changes those of
        // machine code only.
        if hull.is_some_and(|place| unsafe { hulls::keep(address, place) }) {
            taken.credit();
            return 0;
        }
        // SAFETY: the caller's contract is the kernel's.
        let done = unsafe { libc::syscall(libc::SYS_munmap, address, length) };
        if done == 0 {
            taken.credit();
        } else {
            regions().restore(taken);
        }
        done as c_int
    })
}

/// # Safety
///
/// See [`mmap`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mprotect(address: *mut c_void, length: size_t, rights: c_int) -> c_int {
    if code::is_put_off(address as usize, length, rights) {
        return 0;
    }
    let charges = rights != WITHOUT_RIGHTS && RESERVED.load(Ordering::Relaxed);
    if charges && !unpaid(|| charge(address as usize, length.next_multiple_of(PAGE))) {
        refuse();
        return -1;
    }
    // SAFETY: the caller's contract is the kernel's. If it fails, what was charged stays so until it
    // is unmapped: too much for once, and never too little.
    unsafe { libc::syscall(libc::SYS_mprotect, address, length, rights) as c_int }
}

/// Charges what is only reserved in a range; nothing of it if that is too much.
fn charge(start: usize, length: usize) -> bool {
    let mut regions = regions();
    let fresh = regions.charge(start, length);
    let paid = fresh
        .iter()
        .take_while(|(_, bytes, owner)| owner.charge(*bytes as u64, Refusal::AtTheLimit));
    let paid = paid.count();
    if paid == fresh.len() {
        return true;
    }
    fresh.iter().for_each(|(at, bytes, _)| regions.reserve(*at, *bytes));
    fresh[..paid].iter().for_each(|(_, bytes, owner)| owner.credit(*bytes as u64));
    false
}

/// What a new mapping is for; `None` when it only takes away what was there, which is never refused:
/// the engine does that with code, and would end the process.
fn kind_of(rights: c_int, flags: c_int) -> Option<Kind> {
    match (rights == WITHOUT_RIGHTS, flags & libc::MAP_FIXED != 0) {
        (true, true) => None,
        (true, false) => Some(Kind::Reserved),
        (false, true) => Some(Kind::Code),
        (false, false) => Some(Kind::Memory),
    }
}

const PAGE: usize = 4096;

unsafe fn map(
    address: *mut c_void,
    length: size_t,
    rights: c_int,
    flags: c_int,
    file: c_int,
    offset: off_t,
) -> *mut c_void {
    // SAFETY: the caller's contract is the kernel's.
    let mapped =
        unsafe { libc::syscall(libc::SYS_mmap, address, length, rights, flags, file, offset) };
    mapped as *mut c_void
}

fn refuse() -> *mut c_void {
    // SAFETY: the location is this thread's own.
    unsafe { *libc::__errno_location() = libc::ENOMEM };
    libc::MAP_FAILED
}

// A panic elsewhere cannot leave the map unusable, so poisoning is of no interest.
fn regions() -> MutexGuard<'static, Regions> {
    REGIONS.lock().unwrap_or_else(PoisonError::into_inner)
}
