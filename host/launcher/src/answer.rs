use insula_jail::{Measure, Place, State};

/// Bytes of the longest answer.
pub const ANSWER: usize = 1024;

/// Bytes before an answer's text: what, state, two zeros, a number, the cordon's id.
const HEAD: usize = 16;

const MEASURE: u8 = 1;
const READY: u8 = 2;
const FAILED: u8 = 3;
const STARTED: u8 = 4;
const REFUSED: u8 = 5;
const EXITED: u8 = 6;
const PLACE: u8 = 7;
const TOGETHER: u8 = 8;

/// What the launcher says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// At the start: whether a wall holds for the cordons that it would start.
    Measure(Measure),
    /// At the start: a folder under which each cordon's control group has one, if the cordon has a share
    /// of the processor.
    Place(Place),
    /// The same for cordons without a share.
    Together(Place),
    /// At the start: requests are welcome.
    Ready {
        /// Why cordons have no control groups, if they should have some; otherwise empty.
        no_groups: String,
    },
    /// At the start: there is no launcher, and this is why.
    Failed(String),
    /// A cordon runs, and is in its control group.
    Started {
        /// Which one.
        id: u64,
        /// Its process.
        pid: u32,
        /// What its control group is called in each [place](Self::Place) for those like it; empty if it has
        /// none.
        group: String,
    },
    /// A cordon was not started.
    Refused {
        /// Which one.
        id: u64,
        /// Why not.
        why: String,
    },
    /// A cordon has ended, and its process has been waited for.
    Exited {
        /// Which one.
        id: u64,
        /// What the kernel says about its end.
        status: i32,
        /// Whether the kernel has killed in its control group for lack of memory.
        out_of_memory: bool,
    },
}

impl Answer {
    /// The packet: at most [`ANSWER`] bytes. Text that does not fit is cut.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Measure(measure) => {
                let state = u8::from(measure.state == State::InForce);
                let parts = [&*measure.name, &measure.why, &measure.advice];
                packet(MEASURE, state, 0, 0, &parts.map(|part| part.replace('\n', " ")).join("\n"))
            }
            Self::Place(place) => packet(PLACE, 0, 0, 0, &place.to_string()),
            Self::Together(place) => packet(TOGETHER, 0, 0, 0, &place.to_string()),
            Self::Ready { no_groups } => packet(READY, 0, 0, 0, no_groups),
            Self::Failed(why) => packet(FAILED, 0, 0, 0, why),
            Self::Started { id, pid, group } => packet(STARTED, 0, *pid, *id, group),
            Self::Refused { id, why } => packet(REFUSED, 0, 0, *id, why),
            Self::Exited { id, status, out_of_memory } => {
                packet(EXITED, u8::from(*out_of_memory), status.cast_unsigned(), *id, "")
            }
        }
    }

    /// Whether all of its text arrives.
    pub(crate) fn is_whole(&self) -> bool {
        Self::decode(&self.encode()).as_ref() == Some(self)
    }

    /// What a packet says; `None` when it is none of the answers.
    pub fn decode(packet: &[u8]) -> Option<Self> {
        let (head, text) = packet.split_first_chunk::<HEAD>()?;
        let [what, state, 0, 0, a, b, c, d, id @ ..] = *head else { return None };
        let number = u32::from_le_bytes([a, b, c, d]);
        let id = u64::from_le_bytes(id);
        let text = || str::from_utf8(text).ok().map(str::to_owned);
        Some(match what {
            MEASURE => Self::Measure(measure(state, &text()?)?),
            PLACE => Self::Place(Place::parse(&text()?)?),
            TOGETHER => Self::Together(Place::parse(&text()?)?),
            READY => Self::Ready { no_groups: text()? },
            FAILED => Self::Failed(text()?),
            STARTED => Self::Started { id, pid: number, group: text()? },
            REFUSED => Self::Refused { id, why: text()? },
            EXITED => {
                let out_of_memory = state == 1;
                Self::Exited { id, status: number.cast_signed(), out_of_memory }
            }
            _ => return None,
        })
    }
}

fn measure(state: u8, text: &str) -> Option<Measure> {
    let mut parts = text.split('\n').map(str::to_owned);
    let state = match state {
        1 => State::InForce,
        _ => State::Unavailable,
    };
    let (name, why, advice) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Measure { name: name.into(), state, why, advice })
}

fn packet(what: u8, state: u8, number: u32, id: u64, text: &str) -> Vec<u8> {
    let mut packet = vec![what, state, 0, 0];
    packet.extend(number.to_le_bytes());
    packet.extend(id.to_le_bytes());
    packet.extend(&text.as_bytes()[..text.floor_char_boundary(ANSWER - HEAD)]);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let (name, why) = ("own user".into(), "a\nb".to_owned());
        let measure = Measure { name, state: State::Unavailable, why, advice: "c".into() };
        let shown = Measure { why: "a b".to_owned(), ..measure.clone() };
        for (said, heard) in [
            (Answer::Measure(measure), Answer::Measure(shown)),
            (Answer::Ready { no_groups: "no".into() }, Answer::Ready { no_groups: "no".into() }),
            (Answer::Failed("no".into()), Answer::Failed("no".into())),
        ] {
            assert_eq!(Answer::decode(&said.encode()), Some(heard));
        }
        let started = Answer::Started { id: 1, pid: 2, group: "group-3".into() };
        let place = || Place::parse("2 memory,pids /sys/fs/cgroup/a b").expect("one");
        let exited = |out_of_memory| Answer::Exited { id: 1, status: -1, out_of_memory };
        let places = [Answer::Place(place()), Answer::Together(place())];
        for answer in places.into_iter().chain([started, exited(true), exited(false)]) {
            assert!(answer.is_whole(), "{answer:?}");
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let packet = Answer::Refused { id: 1, why: "ä".repeat(ANSWER) }.encode();
        assert!(packet.len() <= ANSWER);
        let Some(Answer::Refused { why, .. }) = Answer::decode(&packet) else { panic!() };
        assert!(why.chars().all(|c| c == 'ä') && why.len() > ANSWER - HEAD - 2);
    }

    #[test]
    fn a_place_that_would_be_cut_is_known() {
        let path = format!("1 memory /{}", "long/".repeat(ANSWER / 5));
        assert!(!Answer::Place(Place::parse(&path).expect("a place")).is_whole());
    }

    #[test]
    fn nonsense_is_no_answer() {
        for packet in [&[][..], &[READY; HEAD - 1], &[0; HEAD], &[9; HEAD]] {
            assert_eq!(Answer::decode(packet), None);
        }
    }
}
