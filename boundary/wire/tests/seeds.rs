//! What the fuzz targets check, on the seeds that they start from.

use std::path::Path;

#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

#[test]
fn frames_of_the_host_hold() {
    check("host_frames", fuzz::host_frames);
}

#[test]
fn frames_of_an_isolate_hold() {
    check("isolate_frames", fuzz::isolate_frames);
}

#[test]
fn control_messages_hold() {
    check("control_messages", fuzz::control_messages);
}

#[test]
fn header_blocks_hold() {
    check("header_block", fuzz::header_block);
}

/// Runs `target` on its seeds. A seed named `refused-…` holds nothing legal, any other does.
fn check(name: &str, target: fn(&[u8]) -> usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    let mut seeds = 0;
    for entry in std::fs::read_dir(&folder).expect("the seeds are there") {
        let path = entry.expect("an entry").path();
        let input = std::fs::read(&path).expect("a readable seed");
        let seed = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert_eq!(target(&input) == 0, seed.starts_with("refused-"), "{name}/{seed}");
        seeds += 1;
    }
    assert!(seeds > 1, "{name} has seeds");
}
