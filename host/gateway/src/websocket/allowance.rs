use tokio::time::{Duration, Instant};

/// Frames that may come at once, and how soon there may be another.
const BURST: u64 = 500;
const EACH: Duration = Duration::from_millis(10);

/// Frames for which a rest makes room: who rests for each alone does little but wake up.
const BATCH: u64 = 25;

/// How much may be read on one WebSocket that no isolate pays for: a ping, a pong, a part of a message with nothing in
/// it, and whatever comes when the isolate is gone. Beyond it, nothing is read for a while, and the other side waits.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u64,
    /// What has been spent and was not there.
    debt: u64,
    /// Up to when it has grown.
    grown: Instant,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: BURST, debt: 0, grown: now }
    }

    /// Pays for as much as `frames` frames. Until when to rest, if nothing is left.
    pub(super) fn spend(&mut self, frames: u64) -> Option<Instant> {
        self.debt += frames.saturating_sub(self.left);
        self.left = self.left.saturating_sub(frames);
        if self.left > 0 { None } else { self.grow(Instant::now()) }
    }

    fn grow(&mut self, now: Instant) -> Option<Instant> {
        let more = now.saturating_duration_since(self.grown).as_millis() / EACH.as_millis();
        let more = u64::try_from(more).unwrap_or(u64::MAX).min(BURST + self.debt);
        if more > self.debt {
            self.left = (more - self.debt).min(BURST);
            self.debt = 0;
            self.grown = now;
            return None;
        }
        let frames = u32::try_from(self.debt + BATCH).unwrap_or(u32::MAX);
        Some(self.grown + EACH * frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_the_rest_has_a_pace() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        for frame in 1..BURST {
            assert_eq!(allowance.spend(1), None, "frame {frame}");
        }
        for _ in 0..1000 {
            if let Some(until) = allowance.spend(1) {
                assert!(until > Instant::now());
                tokio::time::sleep_until(until).await;
            }
        }
        let took = start.elapsed();
        assert!(took >= EACH * 950 && took <= EACH * 1050, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_used_is_no_more_than_a_burst() {
        let mut allowance = Allowance::new(Instant::now());
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(allowance.spend(BURST), None, "it has grown");
        assert_eq!(allowance.spend(BURST - 1), None);
        assert!(allowance.spend(1).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_debt_is_paid_by_resting() {
        let mut allowance = Allowance::new(Instant::now());
        let until = allowance.spend(BURST + 100).expect("a rest");
        assert_eq!(until - Instant::now(), EACH * (100 + BATCH as u32));
        tokio::time::sleep_until(until).await;
        assert_eq!(allowance.spend(1), None);
    }
}
