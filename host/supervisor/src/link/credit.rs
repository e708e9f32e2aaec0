use insula_wire::caps;

use super::breach::Breach;

/// Consumed credit after which more is granted: few frames, and the sender never runs dry.
const GRANT: u32 = caps::INITIAL_CREDIT / 4;

/// What the isolate may send on a stream before it is granted more.
#[derive(Debug)]
pub(super) struct Credit {
    left: u32,
    /// What was read of it since the last grant.
    consumed: u32,
}

impl Default for Credit {
    fn default() -> Self {
        Self { left: caps::INITIAL_CREDIT, consumed: 0 }
    }
}

impl Credit {
    /// The isolate has sent something.
    pub(super) fn spend(&mut self, cost: u32) -> Result<(), Breach> {
        self.left = self.left.checked_sub(cost).ok_or(Breach::Credit)?;
        Ok(())
    }

    /// Somebody has read what was sent.
    pub(super) fn consume(&mut self, cost: u32) {
        self.consumed += cost;
    }

    /// How much to grant for what was read; 0 for none yet.
    pub(super) fn grant(&mut self) -> u32 {
        if self.consumed < GRANT {
            return 0;
        }
        let granted = std::mem::take(&mut self.consumed);
        self.left += granted;
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_granted_when_enough_was_read_and_never_more_than_that() {
        let mut credit = Credit::default();
        credit.spend(caps::INITIAL_CREDIT).expect("it is there");
        assert!(matches!(credit.spend(1), Err(Breach::Credit)));
        credit.consume(GRANT - 1);
        assert_eq!(credit.grant(), 0);
        credit.consume(2);
        assert_eq!((credit.grant(), credit.grant()), (GRANT + 1, 0));
        assert!(matches!(credit.spend(GRANT + 2), Err(Breach::Credit)));
        credit.spend(GRANT + 1).expect("it was granted");
    }
}
