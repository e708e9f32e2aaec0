//! Tries: to keep all WebAssembly memories of a cordon with many tenants, so that nobody else gets one.

use super::crowds::*;

const MODULE: &str = "
const kept = [];
export default { fetch(request) {
    const wanted = Number(new URL(request.url).pathname.slice(1));
    while (kept.length < wanted) kept.push(new WebAssembly.Memory({ initial: 0 }));
    return new Response('kept');
} };";

pub async fn attack(scene: &Scene) {
    let kept = take_all(scene, MODULE, &[], 15).await;
    // 1,000 would be all.
    assert!(kept.iter().sum::<usize>() < 900, "{kept:?}");
}
