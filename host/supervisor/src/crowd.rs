//! Many who start at once, and of whom nothing is known.
//!
//! They may turn out to compute much, and it takes a moment until that shows and they are moved. Meanwhile threads of
//! one process wait for each other, so who has lived there for long would wait for them. They start where nobody lives,
//! or only others of their kind.

use std::time::{Duration, Instant};

/// How long newcomers keep apart after there were more of them than blank isolates.
const LASTING: Duration = Duration::from_secs(1);

/// Whether there is a crowd.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    /// When somebody last found no blank isolate.
    seen: Option<Instant>,
}

impl Crowd {
    /// Somebody comes of whom nothing is known. There may be no blank isolate left among those who live here, `here`,
    /// and where a crowd goes, `there`. Returns whether to go there.
    pub(crate) fn comes(&mut self, now: Instant, here: bool, there: bool) -> bool {
        let is_there = self.seen.is_some_and(|seen| now.duration_since(seen) < LASTING);
        let finds_none = if is_there { there } else { here };
        if finds_none {
            self.seen = Some(now);
        }
        is_there || finds_none
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_there_are_blank_isolates_are_a_crowd_as_long_as_they_come() {
        let began = Instant::now();
        let after = |percent| began + LASTING * percent / 100;
        let mut crowd = Crowd::default();
        assert!(!crowd.comes(after(0), false, false));
        assert!(!crowd.comes(after(1), false, true), "who is elsewhere is no crowd here");
        assert!(crowd.comes(after(2), true, false));
        assert!(crowd.comes(after(50), false, false), "a blank isolate here is for others");
        assert!(crowd.comes(after(100), false, true));
        assert!(crowd.comes(after(190), false, false), "more have come meanwhile");
        assert!(!crowd.comes(after(201), false, true));
    }
}
