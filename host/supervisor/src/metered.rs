//! CPU time of what the host does for a tenant.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Does `work`, and tells `charge` what each step of it has taken, by the clock of the thread that does it. What it
/// hands to other tasks is not in it.
pub(crate) async fn metered<T>(work: impl Future<Output = T>, charge: impl Fn(Duration)) -> T {
    let mut work = pin!(work);
    poll_fn(|cx| {
        let began = thread_cpu();
        let step = work.as_mut().poll(cx);
        charge(thread_cpu().saturating_sub(began));
        step
    })
    .await
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn steps_are_charged_and_waiting_is_not() {
        let charged = Cell::new(Duration::ZERO);
        let before = thread_cpu();
        let work = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let until = thread_cpu() + Duration::from_millis(10);
            while thread_cpu() < until {}
            "done"
        };
        assert_eq!(metered(work, |time| charged.set(charged.get() + time)).await, "done");
        assert!(charged.get() >= Duration::from_millis(10), "{charged:?}");
        assert!(charged.get() <= thread_cpu() - before, "{charged:?}");
    }
}
