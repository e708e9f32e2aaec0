//! Who shall do with fewer isolates, because it has more than is fair and somebody else is short of processor time.
//!
//! The kernel gives each thread the same, so who grew while there was room would have a larger part than who came
//! later, for as long as both are busy.

/// The part, in percent, of what the kernel gives a thread that always wants a processor; who uses as much has no
/// time left.
const USED_UP: u64 = 70;

/// What one busy deployment has, and has used since the last look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub(crate) isolates: usize,
    pub(crate) spent_us: u64,
}

/// Whether any of these, of all that are busy, has no more isolates than is `fair` and would use more processor time
/// than it got in `time_us`, which others have with more isolates.
pub(crate) fn is_any_short(all: &[Use], fair: usize, cores: u32, time_us: u64) -> bool {
    let threads: usize = all.iter().map(|it| it.isolates).sum();
    // While each thread finds a processor, nobody takes it from anybody.
    if threads <= cores as usize || all.iter().all(|it| it.isolates <= fair) {
        return false;
    }
    let part = time_us * u64::from(cores) / threads as u64;
    let is_short = |it: &Use| it.spent_us * 100 > part * it.isolates as u64 * USED_UP;
    all.iter().any(|it| (1..=fair).contains(&it.isolates) && is_short(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: u64 = 500_000;

    fn used(isolates: usize, percent: u64) -> Use {
        Use { isolates, spent_us: TIME * percent / 100 }
    }

    #[test]
    fn who_came_late_and_gets_less_is_short() {
        assert!(is_any_short(&[used(2, 133), used(1, 66)], 1, 2, TIME));
        assert!(is_any_short(&[used(64, 4266), used(32, 2133)], 32, 64, TIME));
    }

    #[test]
    fn who_wants_little_is_not() {
        assert!(!is_any_short(&[used(2, 180), used(1, 20)], 1, 2, TIME));
    }

    #[test]
    fn nobody_is_while_there_are_processors() {
        assert!(!is_any_short(&[used(2, 200), used(1, 100)], 1, 4, TIME));
    }

    #[test]
    fn nobody_is_where_all_have_the_same() {
        assert!(!is_any_short(&[used(1, 66), used(1, 66), used(1, 66)], 1, 2, TIME));
    }
}
