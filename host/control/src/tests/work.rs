use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::work::to_the_end;

#[tokio::test]
async fn a_change_goes_on_when_its_caller_goes_away() {
    let (start, started) = oneshot::channel::<()>();
    let (finish, finished) = oneshot::channel();
    let mut change = Box::pin(to_the_end(async move {
        started.await.unwrap();
        finish.send("done").unwrap();
    }));
    assert!(change.as_mut().now_or_never().is_none());
    drop(change);
    start.send(()).unwrap();
    assert_eq!(finished.await, Ok("done"));
}

#[tokio::test]
#[should_panic(expected = "a defect")]
async fn a_panic_is_not_swallowed() {
    to_the_end(async { panic!("a defect") }).await
}
