//! Tries: to use up a cordon's mappings with many tenants: the engine ends a process that has none left.

use super::crowds::*;

/// Each second buffer goes at once, so that the kernel cannot join those that stay.
const MODULE: &str = "
const kept = [];
export default { fetch(request) {
    const wanted = Number(new URL(request.url).pathname.slice(1));
    while (kept.length < wanted) {
        kept.push(new ArrayBuffer(1 << 20));
        new ArrayBuffer(1 << 20).transfer(0);
    }
    return new Response('kept');
} };";

pub async fn attack(scene: &Scene) {
    let flags = ["--memory-mb", "4096", "--cpu-ms", "5000"];
    let kept = take_all(scene, MODULE, &flags, 1000).await;
    assert!(kept.iter().sum::<usize>() < 65_530, "{kept:?}");
}
