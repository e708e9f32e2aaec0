use insula_jail::Mode;

/// Bytes of every request.
pub const REQUEST: usize = 16;

const SPAWN: u8 = 1;
const KILL: u8 = 2;

/// What the host's process may ask for.
///
/// A request is [`REQUEST`] bytes: what, mode, class, share, four zeros, and the cordon's id.
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
        /// What it gets where others want the processors too.
        share: Share,
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

/// A cordon's share of processors that others want too. Where nobody else wants them, it gets all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Share {
    /// None of its own: each of its threads counts by itself, among those of the host. For tenants that
    /// compute little.
    #[default]
    None,
    /// A quarter of what the host has with all cordons that have no share.
    Own,
    /// As much for all its tenants together, who want so much that they would take it from others. It is
    /// nice as well, for where there are no groups.
    Low,
}

impl Request {
    /// The packet.
    pub fn encode(self) -> [u8; REQUEST] {
        let (head, id) = match self {
            Self::Spawn { id, mode, class, share } => {
                ([SPAWN, mode_byte(mode), class_byte(class), share_byte(share)], id)
            }
            Self::Kill { id } => ([KILL, 0, 0, 0], id),
        };
        let mut packet = [0; REQUEST];
        packet[..4].copy_from_slice(&head);
        packet[8..].copy_from_slice(&id.to_le_bytes());
        packet
    }

    /// What a packet says; `None` when it is none of the requests, to the last byte.
    pub fn decode(packet: &[u8]) -> Option<Self> {
        let packet: [u8; REQUEST] = packet.try_into().ok()?;
        let [what, mode, class, share, 0, 0, 0, 0, id @ ..] = packet else { return None };
        let id = u64::from_le_bytes(id);
        match what {
            SPAWN => {
                let (mode, class, share) = (mode_of(mode)?, class_of(class)?, share_of(share)?);
                Some(Self::Spawn { id, mode, class, share })
            }
            KILL if (mode, class, share) == (0, 0, 0) => Some(Self::Kill { id }),
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

fn share_byte(share: Share) -> u8 {
    match share {
        Share::None => 0,
        Share::Own => 1,
        Share::Low => 2,
    }
}

fn share_of(byte: u8) -> Option<Share> {
    match byte {
        0 => Some(Share::None),
        1 => Some(Share::Own),
        2 => Some(Share::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        for request in [
            spawn(7, Mode::Strict, Class::Usual, Share::None),
            spawn(8, Mode::Strict, Class::Usual, Share::Own),
            spawn(u64::MAX, Mode::Lenient, Class::NoJit, Share::Low),
            Request::Kill { id: 1 << 40 },
        ] {
            assert_eq!(Request::decode(&request.encode()), Some(request));
        }
    }

    #[test]
    fn no_other_packet_is_a_request() {
        let good = spawn(7, Mode::Strict, Class::Usual, Share::None).encode();
        assert_eq!(Request::decode(&good[..REQUEST - 1]), None);
        assert_eq!(Request::decode(&[good.as_slice(), &[0]].concat()), None);
        assert_eq!(Request::decode(&[]), None);
        for (at, value) in [(0, 0), (0, 3), (0, 255), (1, 2), (2, 2), (3, 3), (4, 1), (7, 1)] {
            let mut bad = good;
            bad[at] = value;
            assert_eq!(Request::decode(&bad), None, "{at}: {value}");
        }
        for at in 1..8 {
            let mut kill = Request::Kill { id: 7 }.encode();
            kill[at] = 1;
            assert_eq!(Request::decode(&kill), None, "{at}");
        }
    }

    fn spawn(id: u64, mode: Mode, class: Class, share: Share) -> Request {
        Request::Spawn { id, mode, class, share }
    }
}
