//! Budgets, in a process whose allocator this is.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::mpsc::sync_channel;
use std::thread;

use insula_memory::{Account, Charged, exempt, settle_threshold};

#[global_allocator]
static ALLOCATOR: Charged = Charged;

const MIB: usize = 1 << 20;

/// Blocks as C code gets them.
fn malloc(size: usize) -> *mut c_void {
    // SAFETY: any size is legal.
    unsafe { libc::malloc(size) }
}

fn free(block: *mut c_void) {
    // SAFETY: the tests free each block once.
    unsafe { libc::free(block) };
}

fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the tests pass live blocks.
    unsafe { libc::realloc(block, size) }
}

fn map(length: usize, rights: i32) -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping touches nothing that exists.
    unsafe { libc::mmap(null_mut(), length, rights, flags, -1, 0) }
}

const READ_WRITE: i32 = libc::PROT_READ | libc::PROT_WRITE;

/// A pointer that another thread may free.
struct Sent(*mut c_void);

// SAFETY: the tests hand each block over and do not use it afterwards.
unsafe impl Send for Sent {}

#[test]
fn what_is_taken_is_charged_and_what_is_given_back_is_credited() {
    let account = Account::open().unwrap();
    let blocks: Vec<_> = {
        let _attached = account.attach();
        (0..100).map(|n| malloc(1000 + n * 100)).collect()
    };
    let used = account.usage().bytes;
    assert!((590_000..700_000).contains(&used), "{used}");
    // Not attached: what was charged is known by the blocks.
    blocks.into_iter().for_each(free);
    assert_eq!(account.usage().bytes, 0);
    assert_eq!(account.usage().peak, used);
}

#[test]
fn another_thread_may_give_it_back() {
    let account = Account::open().unwrap();
    let (send, receive) = sync_channel::<Sent>(10);
    let helper = thread::spawn(move || receive.into_iter().for_each(|block| free(block.0)));
    for _ in 0..100 {
        let attached = account.attach();
        let block = Sent(malloc(10_000));
        drop(attached);
        send.send(block).unwrap();
    }
    assert!(account.usage().peak >= 10_000);
    drop(send);
    helper.join().unwrap();
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn beyond_the_limit_large_requests_are_refused() {
    let account = Account::open().unwrap();
    account.set_limit(10 * MIB as u64);
    let attached = account.attach();
    let first = malloc(8 * MIB);
    assert!(!first.is_null());
    assert!(malloc(3 * MIB).is_null());
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::ENOMEM));
    assert!(realloc(first, 12 * MIB).is_null());
    // A small one has a little more room, for whoever is about to notice.
    let small = malloc(1000);
    assert!(!small.is_null());
    // The block that could not grow is as it was.
    let first = realloc(first, 9 * MIB);
    assert!(!first.is_null());
    free(first);
    let again = malloc(9 * MIB);
    assert!(!again.is_null());
    free(again);
    free(small);
    drop(attached);
    assert_eq!((account.usage().bytes, account.usage().refusals), (0, 2));
    // Nobody else is held to it.
    let other = malloc(100 * MIB);
    assert!(!other.is_null());
    free(other);
}

#[test]
fn the_stack_of_a_regular_expression_may_double_up_to_its_largest() {
    let account = Account::open().unwrap();
    account.set_limit(10 * MIB as u64);
    let attached = account.attach();
    let mut stack = malloc(9 * MIB);
    for doublings in 0..=6 {
        let next = malloc(MIB << doublings);
        assert!(!next.is_null(), "{doublings}");
        free(std::mem::replace(&mut stack, next));
    }
    // It is charged: whoever asks next is refused, and so is another such stack.
    assert!(malloc(3 * MIB).is_null());
    assert!(malloc(64 * MIB).is_null());
    free(stack);
    drop(attached);
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn small_requests_meet_the_limit_a_little_later() {
    let account = Account::open().unwrap();
    account.set_limit(MIB as u64);
    let attached = account.attach();
    let blocks: Vec<_> =
        (0..100_000).map(|_| malloc(1000)).take_while(|it| !it.is_null()).collect();
    assert!((1000..10_000).contains(&blocks.len()), "{}", blocks.len());
    blocks.into_iter().for_each(free);
    drop(attached);
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn sizes_change_with_contents_kept() {
    // Other tests free large blocks, which would move it.
    settle_threshold();
    let account = Account::open().unwrap();
    let attached = account.attach();
    let mut block = malloc(1);
    let mut was_mapping = false;
    // SAFETY: the block has the byte.
    unsafe { block.cast::<u8>().write(7) };
    for size in [63, 64, 65, 5000, 300, 40, 1 << 20, 3 << 20, 10, 1 << 16, 20] {
        block = realloc(block, size);
        // SAFETY: the block has `size` bytes; the last one is written so that a note in the wrong
        // place would be overwritten, or overwrite it.
        unsafe {
            assert_eq!(block.cast::<u8>().read(), 7, "{size}");
            block.cast::<u8>().add(size - 1).write(if size == 1 { 7 } else { 9 });
            block.cast::<u8>().write(7);
        }
        let used = account.usage().bytes as usize;
        // A mapping may stay one, and is paid for as such.
        was_mapping |= size >= 1 << 20;
        let expected = if size < 64 && !was_mapping { 0..1 } else { size..size + 8192 };
        assert!(expected.contains(&used), "{size}: {used}");
    }
    free(block);
    drop(attached);
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn cleared_and_aligned_memory_is_so() {
    let account = Account::open().unwrap();
    let attached = account.attach();
    for size in [16, 300, 5000, 1 << 20] {
        let dirty = malloc(size);
        // SAFETY: the block has `size` bytes.
        unsafe { dirty.cast::<u8>().write_bytes(0xaa, size) };
        free(dirty);
        // SAFETY: any sizes are legal; the block has `size` bytes.
        let clear = unsafe { libc::calloc(size / 4, 4) };
        // SAFETY: the block has `size` bytes.
        let bytes = unsafe { std::slice::from_raw_parts(clear.cast::<u8>(), size) };
        assert!(bytes.iter().all(|byte| *byte == 0), "{size}");
        free(clear);
        for alignment in [16, 64, 4096, 1 << 16] {
            let mut block = null_mut();
            // SAFETY: `block` is a place for the pointer.
            assert_eq!(unsafe { libc::posix_memalign(&raw mut block, alignment, size) }, 0);
            assert!((block as usize).is_multiple_of(alignment));
            free(block);
        }
    }
    // SAFETY: sizes that overflow are refused.
    assert!(unsafe { libc::calloc(usize::MAX, 2) }.is_null());
    drop(attached);
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn mappings_are_charged_by_address() {
    let account = Account::open().unwrap();
    account.set_limit(10 * MIB as u64);
    let attached = account.attach();
    let chunk = map(3 * MIB, READ_WRITE);
    assert_eq!(account.usage().bytes, 3 * MIB as u64);
    assert_eq!(map(8 * MIB, READ_WRITE), libc::MAP_FAILED);
    drop(attached);
    // As who aligns does: the ends go at once, here on another thread; the middle later.
    let whole = Sent(chunk);
    thread::spawn(move || {
        let whole = whole;
        // SAFETY: both ends are mapped and used by nobody.
        unsafe {
            assert_eq!(libc::munmap(whole.0, MIB), 0);
            assert_eq!(libc::munmap(whole.0.byte_add(2 * MIB), MIB), 0);
        }
    })
    .join()
    .unwrap();
    assert_eq!(account.usage().bytes, MIB as u64);
    // SAFETY: the middle is mapped and used by nobody.
    unsafe { assert_eq!(libc::munmap(chunk.byte_add(MIB), MIB), 0) };
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn reservations_are_charged_when_they_are_used() {
    let account = Account::open().unwrap();
    account.set_limit(10 * MIB as u64);
    let _attached = account.attach();
    let reserved = map(1 << 30, libc::PROT_NONE);
    assert_ne!(reserved, libc::MAP_FAILED);
    assert_eq!(account.usage().bytes, 0);
    // SAFETY: the range is reserved and used by nobody.
    unsafe {
        assert_eq!(libc::mprotect(reserved, 6 * MIB, READ_WRITE), 0);
        assert_eq!(account.usage().bytes, 6 * MIB as u64);
        // Again, and a part that is charged: no more than once.
        assert_eq!(libc::mprotect(reserved, 8 * MIB, READ_WRITE), 0);
        assert_eq!(account.usage().bytes, 8 * MIB as u64);
        assert_eq!(libc::mprotect(reserved.byte_add(8 * MIB), 4 * MIB, READ_WRITE), -1);
        assert_eq!(account.usage().bytes, 8 * MIB as u64);
        assert_eq!(libc::munmap(reserved, 1 << 30), 0);
    }
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn who_is_exempt_is_charged_and_not_refused() {
    let account = Account::open().unwrap();
    account.set_limit(MIB as u64);
    let attached = account.attach();
    let block = exempt(|| malloc(4 * MIB));
    assert!(!block.is_null());
    assert!(account.usage().bytes > 4 * MIB as u64);
    assert!(malloc(3 * MIB).is_null());
    free(block);
    drop(attached);
    assert_eq!(account.usage().bytes, 0);
}

#[test]
fn what_outlives_an_account_credits_nobody() {
    let account = Account::open().unwrap();
    let block = {
        let _attached = account.attach();
        malloc(MIB)
    };
    drop(account);
    let next = Account::open().unwrap();
    let kept = {
        let _attached = next.attach();
        malloc(2 * MIB)
    };
    let used = next.usage().bytes;
    free(block);
    assert_eq!(next.usage().bytes, used);
    free(kept);
    assert_eq!(next.usage().bytes, 0);
}
