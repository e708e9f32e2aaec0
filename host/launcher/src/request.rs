use insula_jail::Mode;

/// Bytes of every request.
pub const REQUEST: usize = 16;

const SPAWN: u8 = 1;
const KILL: u8 = 2;

/// What the host's process may ask for.
///
/// A request is [`REQUEST`] bytes: what, mode, class, five zeros, and the cordon's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Start a cordon. Its control link comes beside the packet, and the pipe for its log.
    Spawn {
        /// What the cordon is called from now on; larger than any id before, so that no packet
        /// can mean another cordon than its sender did.
        id: u64,
        /// What happens when the machine does not allow a wall.
        mode: Mode,
        /// What kind of cordon it is.
        class: Class,
    },
    /// End the cordon now. It may have ended already.
    Kill {
        /// Which one.
        id: u64,
    },
}

/// What kind of cordon to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Class {
    /// With everything.
    #[default]
    Usual,
    /// Its engine makes no machine code at run time, and its filter lets it make none.
    NoJit,
}

impl Request {
    /// The packet.
    pub fn encode(self) -> [u8; REQUEST] {
        let (what, mode, class, id) = match self {
            Self::Spawn { id, mode, class } => (SPAWN, mode_byte(mode), class_byte(class), id),
            Self::Kill { id } => (KILL, 0, 0, id),
        };
        let mut packet = [0; REQUEST];
        [packet[0], packet[1], packet[2]] = [what, mode, class];
        packet[8..].copy_from_slice(&id.to_le_bytes());
        packet
    }

    /// What a packet says; `None` when it is none of the requests, to the last byte.
    pub fn decode(packet: &[u8]) -> Option<Self> {
        let packet: [u8; REQUEST] = packet.try_into().ok()?;
        let [what, mode, class, 0, 0, 0, 0, 0, id @ ..] = packet else { return None };
        let id = u64::from_le_bytes(id);
        match what {
            SPAWN => Some(Self::Spawn { id, mode: mode_of(mode)?, class: class_of(class)? }),
            KILL if (mode, class) == (0, 0) => Some(Self::Kill { id }),
            _ => None,
        }
    }
}

fn mode_byte(mode: Mode) -> u8 {
    match mode {
        Mode::Strict => 0,
        Mode::Lenient => 1,
    }
}

fn mode_of(byte: u8) -> Option<Mode> {
    match byte {
        0 => Some(Mode::Strict),
        1 => Some(Mode::Lenient),
        _ => None,
    }
}

fn class_byte(class: Class) -> u8 {
    match class {
        Class::Usual => 0,
        Class::NoJit => 1,
    }
}

fn class_of(byte: u8) -> Option<Class> {
    match byte {
        0 => Some(Class::Usual),
        1 => Some(Class::NoJit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        for request in [
            Request::Spawn { id: 7, mode: Mode::Strict, class: Class::Usual },
            Request::Spawn { id: u64::MAX, mode: Mode::Lenient, class: Class::NoJit },
            Request::Kill { id: 1 << 40 },
        ] {
            assert_eq!(Request::decode(&request.encode()), Some(request));
        }
    }

    #[test]
    fn no_other_packet_is_a_request() {
        let good = Request::Spawn { id: 7, mode: Mode::Strict, class: Class::Usual }.encode();
        assert_eq!(Request::decode(&good[..REQUEST - 1]), None);
        assert_eq!(Request::decode(&[good.as_slice(), &[0]].concat()), None);
        assert_eq!(Request::decode(&[]), None);
        for (at, value) in [(0, 0), (0, 3), (0, 255), (1, 2), (2, 2), (3, 1), (7, 1)] {
            let mut bad = good;
            bad[at] = value;
            assert_eq!(Request::decode(&bad), None, "{at}: {value}");
        }
        let mut kill = Request::Kill { id: 7 }.encode();
        kill[2] = 1;
        assert_eq!(Request::decode(&kill), None);
    }
}
