//! What threads take that work for an account and do not know for which one.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use insula_memory::{Charged, settle_threshold, unnamed};

#[global_allocator]
static ALLOCATOR: Charged = Charged;

const MIB: usize = 1 << 20;

/// The bound for all of it together, in MiB.
const MOST: usize = 512;

/// Memory that nobody touches.
struct Block(*mut c_void);

// SAFETY: one owner has it at a time.
unsafe impl Send for Block {}

impl Block {
    fn new(size: usize) -> Option<Self> {
        // SAFETY: any size is legal.
        let block = unsafe { libc::malloc(size) };
        (!block.is_null()).then_some(Self(block))
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: it is freed once.
        unsafe { libc::free(self.0) };
    }
}

/// One test at a time takes what they all have one of.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    settle_threshold();
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes MiB by MiB until it is refused, as one piece of work; never more than there would be for all.
fn take_all() -> Vec<Block> {
    let mut taken = Vec::with_capacity(2 * MOST);
    unnamed(|| false, || taken.extend(std::iter::from_fn(|| Block::new(MIB)).take(2 * MOST)));
    taken
}

#[test]
fn a_piece_of_work_gets_a_part_of_what_is_left() {
    let _alone = alone();
    let first = take_all();
    assert!((MOST / 4..MOST / 2).contains(&first.len()), "{}", first.len());
    let second = take_all();
    assert!((MOST / 8..first.len()).contains(&second.len()), "{}", second.len());
}

#[test]
fn nearly_all_get_what_they_need_whatever_others_keep() {
    let _alone = alone();
    let kept: Vec<_> =
        std::iter::repeat_with(take_all).take_while(|taken| taken.len() > 3).take(20).collect();
    assert!(kept.iter().map(Vec::len).sum::<usize>() < MOST + 20 * 4);
    assert_eq!(take_all().len(), 3);
}

#[test]
fn what_another_thread_gives_back_can_be_had_again() {
    let _alone = alone();
    let first = take_all();
    let before = first.len();
    thread::spawn(move || drop(first)).join().unwrap();
    assert_eq!(take_all().len(), before);
}

#[test]
fn tiny_requests_are_not_refused_and_others_have_no_bound() {
    let _alone = alone();
    let _kept = take_all();
    let mut tiny = Vec::with_capacity(20_000);
    unnamed(
        || false,
        || {
            tiny.extend(std::iter::from_fn(|| Block::new(8 << 10)).take(20_000));
        },
    );
    assert_eq!(tiny.len(), 20_000);
    assert!(Block::new(2 * MOST * MIB).is_some());
}

#[test]
fn work_is_not_refused_anything_where_it_says_that_it_cannot_take_it() {
    thread_local! {
        static IS_BRITTLE: Cell<bool> = const { Cell::new(false) };
    }
    let _alone = alone();
    let _kept = take_all();
    unnamed(
        || IS_BRITTLE.get(),
        || {
            assert!(Block::new(MOST * MIB).is_none());
            IS_BRITTLE.set(true);
            assert!(Block::new(MOST * MIB).is_some());
            IS_BRITTLE.set(false);
            assert!(Block::new(MOST * MIB).is_none());
        },
    );
}
