//! The first chunks of an account go to the next account, clear.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use insula_memory::{Account, Charged, trim};

#[global_allocator]
static ALLOCATOR: Charged = Charged;

const MIB: usize = 1 << 20;
const PAGE: usize = 4096;

fn map() -> *mut c_void {
    map_at(aligned())
}

/// Maps a chunk, at `hint` if there is room and no hull is kept.
fn map_at(hint: *mut c_void) -> *mut c_void {
    let (rights, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping touches nothing that exists.
    let mapped = unsafe { libc::mmap(hint, MIB, rights, flags, -1, 0) };
    assert_ne!(mapped, libc::MAP_FAILED);
    mapped
}

/// Where there is room for a chunk as the engine wants it, and a page more.
fn aligned() -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping touches nothing that exists.
    let room = unsafe { libc::mmap(null_mut(), 3 * MIB, libc::PROT_NONE, flags, -1, 0) };
    assert_ne!(room, libc::MAP_FAILED);
    // SAFETY: nobody has used it.
    assert_eq!(unsafe { libc::munmap(room, 3 * MIB) }, 0);
    (room as usize).next_multiple_of(MIB) as *mut c_void
}

fn unmap(at: *mut c_void) {
    // SAFETY: the tests unmap what they have mapped and do not use any more.
    assert_eq!(unsafe { libc::munmap(at, MIB) }, 0);
}

fn bytes<'a>(at: *mut c_void) -> &'a mut [u8] {
    // SAFETY: the tests have mapped it, and use one slice at a time.
    unsafe { std::slice::from_raw_parts_mut(at.cast::<u8>(), MIB) }
}

/// How many pages of a mapping are there; `None` when it is none.
fn resident(at: *mut c_void) -> Option<usize> {
    let mut pages = [0; MIB / PAGE];
    // SAFETY: it writes a byte for each page.
    let is_mapped = unsafe { libc::mincore(at, MIB, pages.as_mut_ptr()) } == 0;
    is_mapped.then(|| pages.iter().filter(|page| **page & 1 != 0).count())
}

/// One test at a time, with nothing kept.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    trim();
    alone
}

#[test]
fn what_one_account_has_written_the_next_one_does_not_read() {
    let _alone = alone();
    for _ in 0..3 {
        let account = Account::open().unwrap();
        let attached = account.attach();
        let hull = map();
        assert_eq!(account.usage().bytes, MIB as u64);
        assert!(bytes(hull).iter().all(|byte| *byte == 0));
        bytes(hull).fill(0xaa);
        unmap(hull);
        drop(attached);
        assert_eq!((account.usage().bytes, account.usage().mappings), (0, 0));
    }
}

#[test]
fn it_is_kept_in_part_until_it_is_trimmed() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let attached = account.attach();
    let hull = map();
    bytes(hull).fill(0xaa);
    unmap(hull);
    assert!((1..=100).contains(&resident(hull).unwrap()));
    drop(attached);
    let next = Account::open().unwrap();
    let _attached = next.attach();
    assert_eq!(map(), hull);
    unmap(hull);
    trim();
    assert_eq!(resident(hull), None);
}

#[test]
fn few_are_kept() {
    let _alone = alone();
    let accounts: Vec<_> = (0..20).map(|_| Account::open().unwrap()).collect();
    let hulls: Vec<_> = accounts
        .iter()
        .map(|account| {
            let _attached = account.attach();
            map()
        })
        .collect();
    hulls.iter().for_each(|hull| unmap(*hull));
    let kept = hulls.iter().filter(|hull| resident(**hull).is_some()).count();
    assert!((1..10).contains(&kept), "{kept}");
}

#[test]
fn those_after_it_are_kept_for_their_places() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let attached = account.attach();
    let (first, second) = (map(), map());
    bytes(second).fill(0xaa);
    unmap(second);
    unmap(first);
    assert!((1..=20).contains(&resident(second).unwrap()));
    drop(attached);
    let next = Account::open().unwrap();
    let _attached = next.attach();
    assert_eq!((map(), map()), (first, second));
    assert!(bytes(second).iter().all(|byte| *byte == 0));
    unmap(first);
    unmap(second);
}

#[test]
fn no_other_mapping_is_kept() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let attached = account.attach();
    let chunks: Vec<_> = (0..5).map(|_| map()).collect();
    unmap(chunks[4]);
    assert_eq!(resident(chunks[4]), None);
    drop(attached);
    // Who belongs to no account.
    let another = map();
    unmap(another);
    assert_eq!(resident(another), None);
    chunks[..4].iter().for_each(|chunk| unmap(*chunk));
}

#[test]
fn pages_that_are_given_up_later_go() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let _attached = account.attach();
    let hull = map();
    // What the engine says of it while it makes itself at home.
    for _ in 0..3 {
        bytes(hull)[PAGE..].fill(1);
        // SAFETY: the pages are not used.
        let rest = unsafe { hull.byte_add(PAGE) };
        // SAFETY: as above.
        assert_eq!(unsafe { libc::madvise(rest, MIB - PAGE, libc::MADV_DONTNEED) }, 0);
    }
    assert!(resident(hull).unwrap() <= 1);
    unmap(hull);
}

#[test]
fn what_the_engine_cannot_use_is_not_kept() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let attached = account.attach();
    let askew = map_at(aligned().wrapping_byte_add(PAGE));
    assert!(!(askew as usize).is_multiple_of(MIB));
    bytes(askew).fill(0xaa);
    unmap(askew);
    assert_eq!(resident(askew), None);
    drop(attached);
}
