//! A tenant's requests per second: a token bucket that holds one second's worth.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// There is no token left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    /// When there will be one.
    pub(crate) after: Duration,
}

/// A full bucket; `None` for a rate of 0, which is no limit.
pub(crate) fn limiter(requests_per_s: u32) -> Option<DefaultDirectRateLimiter> {
    Some(RateLimiter::direct(Quota::per_second(NonZeroU32::new(requests_per_s)?)))
}

/// Takes a token.
///
/// # Errors
///
/// [`Refused`] when there is none.
pub(crate) fn take(limiter: &DefaultDirectRateLimiter) -> Result<(), Refused> {
    let refused = |until: governor::NotUntil<_>| Refused {
        after: until.wait_time_from(DefaultClock::default().now()),
    };
    limiter.check().map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_one_second() {
        let bucket = limiter(3).expect("a limit");
        (0..3).for_each(|_| take(&bucket).expect("a token"));
        let Refused { after } = take(&bucket).expect_err("empty");
        assert!(after <= Duration::from_millis(334), "{after:?}");
    }

    #[test]
    fn no_rate_is_no_limit() {
        assert!(limiter(0).is_none());
    }
}
