//! What runs out for the whole process: mappings, reserved addresses, machine code.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use insula_memory::{Account, Charged, is_alarmed, settle_threshold};

#[global_allocator]
static ALLOCATOR: Charged = Charged;

const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;

const READ_WRITE: i32 = libc::PROT_READ | libc::PROT_WRITE;

fn map(at: *mut c_void, length: usize, rights: i32) -> *mut c_void {
    let fixed = if at.is_null() { 0 } else { libc::MAP_FIXED };
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | fixed;
    // SAFETY: a new mapping touches nothing that exists; the tests put fixed ones into what they reserved.
    unsafe { libc::mmap(at, length, rights, flags, -1, 0) }
}

fn unmap(at: *mut c_void, length: usize) {
    // SAFETY: the tests unmap what they have mapped and do not use any more.
    assert_eq!(unsafe { libc::munmap(at, length) }, 0);
}

/// One test at a time takes what they all have one of.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes until it is refused.
fn take_all(mut take: impl FnMut() -> *mut c_void) -> Vec<*mut c_void> {
    let refused = |it: &*mut c_void| it.is_null() || *it == libc::MAP_FAILED;
    let taken: Vec<_> = std::iter::from_fn(|| Some(take()).filter(|it| !refused(it))).collect();
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::ENOMEM));
    taken
}

#[test]
fn mappings_are_counted_and_refused_beyond_the_limit() {
    let _alone = alone();
    let account = Account::open().unwrap();
    account.set_limit(64 * MIB as u64);
    let attached = account.attach();
    let pages = take_all(|| map(null_mut(), 4096, READ_WRITE));
    assert!((500..2000).contains(&pages.len()), "{}", pages.len());
    assert_eq!(account.usage().mappings, pages.len() as u64);
    assert!(is_alarmed());
    pages.into_iter().for_each(|page| unmap(page, 4096));
    drop(attached);
    assert_eq!((account.usage().mappings, account.usage().bytes), (0, 0));
}

#[test]
fn large_blocks_are_mappings() {
    let _alone = alone();
    settle_threshold();
    let account = Account::open().unwrap();
    let attached = account.attach();
    // SAFETY: any sizes are legal; the blocks are live until they are freed, once.
    unsafe {
        let block = libc::malloc(MIB);
        let small = libc::malloc(MIB / 2);
        assert_eq!(account.usage().mappings, 1);
        let small = libc::realloc(small, 3 * MIB);
        assert_eq!(account.usage().mappings, 2);
        // It keeps its mapping, of which the C library gives back what it does not need, and goes on to pay for it.
        let block = libc::realloc(block, 10);
        let usage = account.usage();
        assert_eq!((usage.mappings, usage.bytes / MIB as u64), (2, 3));
        // One that was large does not make others less so.
        libc::free(small);
        let again = libc::malloc(MIB);
        assert_eq!(account.usage().mappings, 2);
        libc::free(again);
        libc::free(block);
    }
    drop(attached);
    assert_eq!((account.usage().mappings, account.usage().bytes), (0, 0));
}

#[test]
fn large_blocks_are_refused_like_mappings() {
    let _alone = alone();
    settle_threshold();
    let account = Account::open().unwrap();
    let _attached = account.attach();
    // Nobody touches them, so they cost nothing else.
    // SAFETY: any size is legal.
    let blocks = take_all(|| unsafe { libc::malloc(MIB) });
    assert!((500..2000).contains(&blocks.len()), "{}", blocks.len());
    // SAFETY: any size is legal; the block is freed once.
    unsafe {
        let small = libc::malloc(1000);
        assert!(!small.is_null());
        assert!(libc::realloc(small, MIB).is_null());
        libc::free(small);
    }
    // SAFETY: they are freed once.
    blocks.into_iter().for_each(|block| unsafe { libc::free(block) });
    assert_eq!((account.usage().mappings, account.usage().bytes), (0, 0));
}

#[test]
fn a_memory_that_grows_page_by_page_is_two_mappings() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let _attached = account.attach();
    let memory = map(null_mut(), MIB, libc::PROT_NONE);
    for page in 0..100 {
        // SAFETY: the range is reserved and used by nobody.
        assert_eq!(unsafe { libc::mprotect(memory.byte_add(page * 4096), 4096, READ_WRITE) }, 0);
    }
    assert_eq!(account.usage().mappings, 2);
    assert_eq!(account.usage().bytes, 100 * 4096);
    unmap(memory, MIB);
    assert_eq!((account.usage().mappings, account.usage().reserved), (0, 0));
}

#[test]
fn reserved_addresses_are_refused_beyond_a_few_memories() {
    let _alone = alone();
    let account = Account::open().unwrap();
    let attached = account.attach();
    let memories = take_all(|| map(null_mut(), 4 * GIB, libc::PROT_NONE));
    assert!((8..32).contains(&memories.len()), "{}", memories.len());
    assert_eq!(account.usage().reserved, (memories.len() * 4 * GIB) as u64);
    // What became memory is reserved still.
    // SAFETY: the range is reserved and used by nobody.
    assert_eq!(unsafe { libc::mprotect(memories[0], MIB, READ_WRITE) }, 0);
    assert_eq!(map(null_mut(), 4 * GIB, libc::PROT_NONE), libc::MAP_FAILED);
    memories.into_iter().for_each(|memory| unmap(memory, 4 * GIB));
    drop(attached);
    assert_eq!((account.usage().reserved, account.usage().bytes), (0, 0));
}

#[test]
fn machine_code_is_refused_beyond_its_limit_and_never_when_it_goes() {
    let _alone = alone();
    const POOL: usize = 1 << 20;
    // As the engine does: it reserves once, for all.
    let region = map(null_mut(), GIB, libc::PROT_NONE);
    let account = Account::open().unwrap();
    let attached = account.attach();
    let mut next = 0;
    let pools = take_all(|| {
        next += 2 * POOL;
        // SAFETY: it stays in the region.
        map(unsafe { region.byte_add(next) }, POOL, READ_WRITE)
    });
    assert!((32..128).contains(&pools.len()), "{}", pools.len());
    assert_eq!(account.usage().code, (pools.len() * POOL) as u64);
    assert!(account.usage().bytes >= account.usage().code);
    for pool in pools {
        assert_eq!(map(pool, POOL, libc::PROT_NONE), pool);
    }
    drop(attached);
    let usage = account.usage();
    assert_eq!((usage.code, usage.bytes, usage.mappings, usage.reserved), (0, 0, 0, 0));
    unmap(region, GIB);
}

#[test]
fn what_an_account_held_can_be_had_when_it_is_closed() {
    let _alone = alone();
    for _ in 0..100 {
        let account = Account::open().unwrap();
        let attached = account.attach();
        let memories = take_all(|| map(null_mut(), 4 * GIB, libc::PROT_NONE));
        assert!(memories.len() > 8, "{}", memories.len());
        drop(attached);
        drop(account);
        memories.into_iter().for_each(|memory| unmap(memory, 4 * GIB));
    }
}

#[test]
fn however_many_accounts_take_all_they_can_the_next_has_its_share() {
    let _alone = alone();
    let accounts: Vec<_> = (0..100).map(|_| Account::open().unwrap()).collect();
    let mut taken = Vec::new();
    for account in &accounts {
        let _attached = account.attach();
        taken.extend(take_all(|| map(null_mut(), 4096, READ_WRITE)));
    }
    // The kernel has some left.
    assert!(taken.len() < 60_000, "{}", taken.len());
    let account = Account::open().unwrap();
    let _attached = account.attach();
    assert!(take_all(|| map(null_mut(), 4096, READ_WRITE)).len() >= 16);
}
