//! The C library's heap of the host, which keeps pages that were needed once between blocks that still are.

/// Bytes that the heap has handed out.
pub fn heap_in_use() -> u64 {
    // SAFETY: it only reads the heap's own counters, under the heap's locks.
    let heap = unsafe { libc::mallinfo2() };
    (heap.uordblks + heap.hblkhd) as u64
}

/// Gives the heap's free pages back to the kernel. Whoever allocates meanwhile may wait for milliseconds.
pub fn trim_heap() {
    // SAFETY: it takes any number, and touches nothing that is handed out.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn resident() -> u64 {
        let sizes = std::fs::read_to_string("/proc/self/statm").expect("it is there");
        let pages: u64 =
            sizes.split(' ').nth(1).expect("a second number").parse().expect("a number");
        pages * rustix::param::page_size() as u64
    }

    #[test]
    fn pages_between_blocks_that_are_in_use_go_back() {
        let mut blocks: Vec<_> = (0..8192).map(|_| vec![1_u8; 32 << 10]).collect();
        let in_use = heap_in_use();
        assert!(in_use > 256 * MIB);
        let mut nth = 0;
        blocks.retain(|_| {
            nth += 1;
            nth % 64 == 0
        });
        assert!(heap_in_use() + 192 * MIB < in_use);
        let before = resident();
        assert!(before > 192 * MIB, "the heap keeps what is free");
        trim_heap();
        assert!(resident() + 192 * MIB < before);
        assert!(blocks.iter().flatten().all(|byte| *byte == 1));
    }
}
