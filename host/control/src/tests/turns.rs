use futures_util::FutureExt;

use crate::turns::Turns;

#[tokio::test]
async fn one_tenants_changes_wait_for_each_other_and_no_one_elses() {
    let turns = Turns::default();
    let first = turns.wait("alice".into()).await;
    let mut second = Box::pin(turns.wait("alice".into()));
    assert!(second.as_mut().now_or_never().is_none());
    assert!(turns.wait("bob".into()).now_or_never().is_some());
    drop(first);
    assert!(second.now_or_never().is_some());
}

#[tokio::test]
async fn clearing_unused_locks_away_keeps_the_held_ones() {
    let turns = Turns::default();
    let _held = turns.wait("alice".into()).await;
    for i in 0..1000 {
        drop(turns.wait(format!("t{i}").into()).await);
    }
    assert!(turns.wait("alice".into()).now_or_never().is_none());
    assert!(turns.len() < 100);
}
