//! Pages of machine code that is written and not run yet.

use std::ffi::c_void;
use std::ptr::null_mut;

use insula_memory::{Charged, write_code, write_last_code};

#[global_allocator]
static ALLOCATOR: Charged = Charged;

const PAGE: usize = 4096;
const WRITTEN: i32 = libc::PROT_READ | libc::PROT_WRITE;
const RUN: i32 = libc::PROT_READ | libc::PROT_EXEC;

/// Pages with nothing mapped beside them.
fn pages(count: usize) -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping touches nothing that exists.
    let around =
        unsafe { libc::mmap(null_mut(), (count + 2) * PAGE, libc::PROT_NONE, flags, -1, 0) };
    assert_ne!(around, libc::MAP_FAILED);
    // SAFETY: it lies within.
    let pages = unsafe { around.byte_add(PAGE) };
    give(pages, 0..count, WRITTEN);
    pages
}

fn give(pages: *mut c_void, which: std::ops::Range<usize>, rights: i32) {
    // SAFETY: the tests use pages only as they may be used.
    let done =
        unsafe { libc::mprotect(pages.byte_add(which.start * PAGE), which.len() * PAGE, rights) };
    assert_eq!(done, 0);
}

/// What the kernel says of each page.
fn rights(pages: *mut c_void, count: usize) -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let of = |page: usize| {
        let line = maps.lines().find_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (start, end) = range.split_once('-')?;
            let hex = |number| usize::from_str_radix(number, 16).unwrap();
            (hex(start)..hex(end)).contains(&page).then(|| rest[..3].to_owned())
        });
        line.unwrap_or_default()
    };
    (0..count).map(|page| of(pages as usize + page * PAGE)).collect()
}

#[test]
fn it_becomes_executable_when_all_is_written() {
    let pages = pages(4);
    write_code(|| {
        for page in [0, 1, 3] {
            give(pages, page..page + 1, WRITTEN);
            give(pages, page..page + 1, RUN);
        }
        assert_eq!(rights(pages, 4), ["rw-", "rw-", "rw-", "rw-"]);
        // A piece more in a page that has some.
        give(pages, 1..2, WRITTEN);
        // SAFETY: it may be written.
        unsafe { pages.byte_add(PAGE).cast::<u8>().write(1) };
        give(pages, 1..2, RUN);
    });
    assert_eq!(rights(pages, 4), ["r-x", "r-x", "rw-", "r-x"]);
}

#[test]
fn what_is_executable_already_can_be_written_to() {
    let pages = pages(3);
    give(pages, 0..3, RUN);
    write_code(|| {
        give(pages, 0..1, WRITTEN);
        give(pages, 0..1, RUN);
        give(pages, 0..2, WRITTEN);
        assert_eq!(rights(pages, 3), ["rw-", "rw-", "r-x"]);
        give(pages, 0..2, RUN);
    });
    assert_eq!(rights(pages, 3), ["r-x", "r-x", "r-x"]);
}

#[test]
fn more_pieces_than_can_be_put_off_become_so_at_once() {
    let pages = pages(40);
    write_code(|| (0..20).for_each(|piece| give(pages, piece * 2..piece * 2 + 1, RUN)));
    let executable = rights(pages, 40).iter().filter(|rights| *rights == "r-x").count();
    assert_eq!(executable, 20);
}

#[test]
fn what_is_gone_at_the_end_never_becomes_so() {
    let pages = pages(1);
    write_last_code(|| give(pages, 0..1, RUN));
    assert_eq!(rights(pages, 1), ["rw-"]);
    write_code(|| {});
    assert_eq!(rights(pages, 1), ["rw-"]);
}

#[test]
fn elsewhere_rights_change_at_once() {
    let pages = pages(1);
    let panicked = std::panic::catch_unwind(|| write_code(|| panic!("in the middle")));
    assert!(panicked.is_err());
    give(pages, 0..1, RUN);
    assert_eq!(rights(pages, 1), ["r-x"]);
    give(pages, 0..1, WRITTEN);
    assert_eq!(rights(pages, 1), ["rw-"]);
}
