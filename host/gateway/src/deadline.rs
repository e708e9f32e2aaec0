use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// A timer that its owner leaves armed between uses.
///
/// Moving the deadline back, which is what every request of a connection does, touches no timer
/// wheel: the timer rings early and is then set again, once per limit instead of once per request.
#[derive(Debug, Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    pub(crate) fn poll_until(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

/// Where the requests of a connection leave their timer for the next one.
#[derive(Debug, Default)]
pub(crate) struct TimerSlot(Mutex<Timer>);

impl TimerSlot {
    pub(crate) fn deadline(&self, limit: Duration) -> Deadline<'_> {
        Deadline { slot: self, at: Instant::now() + limit, timer: None }
    }

    fn swap(&self, timer: Timer) -> Timer {
        let mut slot = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut slot, timer)
    }
}

/// The deadline is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elapsed;

/// A moment until which several steps must be done.
#[derive(Debug)]
pub(crate) struct Deadline<'a> {
    slot: &'a TimerSlot,
    at: Instant,
    timer: Option<Timer>,
}

impl Deadline<'_> {
    /// Runs `future` until the deadline. What is ready at once never meets the timer.
    pub(crate) async fn run<F: Future>(&mut self, future: F) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            let timer = self.timer.get_or_insert_with(|| self.slot.swap(Timer::default()));
            timer.poll_until(self.at, cx).map(|()| Err(Elapsed))
        })
        .await
    }
}

impl Drop for Deadline<'_> {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            self.slot.swap(timer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test(start_paused = true)]
    async fn what_is_ready_wins_over_a_deadline_that_is_over() {
        let slot = TimerSlot::default();
        let mut deadline = slot.deadline(Duration::ZERO);
        assert_eq!(deadline.run(async { 7 }).await, Ok(7));
        assert_eq!(deadline.run(pending::<()>()).await, Err(Elapsed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_left_by_one_request_serves_later_and_earlier_deadlines() {
        let slot = TimerSlot::default();
        let start = Instant::now();
        for seconds in [10, 30, 1, 20] {
            let begun = Instant::now();
            let limit = Duration::from_secs(seconds);
            let half = tokio::time::sleep(limit / 2);
            assert_eq!(slot.deadline(limit).run(half).await, Ok(()));
            assert_eq!(slot.deadline(limit).run(pending::<()>()).await, Err(Elapsed));
            let taken = begun.elapsed();
            assert!(taken >= limit * 3 / 2 && taken < limit * 3 / 2 + Duration::from_millis(10));
        }
        assert!(start.elapsed() >= Duration::from_secs(61 * 3 / 2));
    }
}
