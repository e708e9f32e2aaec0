//! Where work is done: not on the reactor's threads when it computes, and not in a caller's
//! future when it must be finished.

use std::future::Future;
use std::panic::resume_unwind;

use tokio::task::JoinHandle;

/// Runs what computes for milliseconds on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    joined(tokio::task::spawn_blocking(work)).await
}

/// Runs `change` to its end even if the caller goes away. A change that has reached the store
/// must reach the directory too; a client that hangs up must not tear the two apart.
pub(crate) async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = T> + Send + 'static,
) -> T {
    joined(tokio::spawn(change)).await
}

async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Tasks are cancelled only when their runtime ends; then nobody waits for this.
            Err(_) => std::future::pending().await,
        },
    }
}
