use std::net::{IpAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::namespace::PUBLIC;

/// Answers what the first label of a name says, with addresses that are over at once:
///
/// - `turns`: the public address first, then loopback, in turns;
/// - `both`: the public address and loopback in one answer;
/// - `mapped`, `six`, `metadata`, `private`: one address that is not public;
/// - anything else: no answer at all.
pub struct NameServer {
    questions: Arc<AtomicUsize>,
}

/// Kinds of questions.
const A: u16 = 1;
const AAAA: u16 = 28;

impl NameServer {
    /// On port 53 of loopback, for as long as the process lives.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:53").expect("the port of name servers");
        let questions = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&questions);
        std::thread::spawn(move || {
            let mut packet = [0; 1500];
            let mut turns = 0;
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = answer(&packet[..length], &mut turns) {
                    // Who has asked may be gone.
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { questions }
    }

    /// Questions that it was asked.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

fn answer(question: &[u8], turns: &mut usize) -> Option<Vec<u8>> {
    let length = usize::from(*question.get(12)?);
    let label = std::str::from_utf8(question.get(13..13 + length)?).ok()?;
    // The name ends with an empty label, and its kind and class follow.
    let end = 12 + question.get(12..)?.iter().position(|&byte| byte == 0)? + 5;
    let kind = u16::from_be_bytes([*question.get(end - 4)?, *question.get(end - 3)?]);
    let addresses = addresses(label, kind, turns)?;
    let mut packet = question.get(..2)?.to_vec();
    packet.extend([0x81, 0x80, 0, 1, 0, u8::try_from(addresses.len()).ok()?, 0, 0, 0, 0]);
    packet.extend(question.get(12..end)?);
    for address in addresses {
        let (kind, bytes) = match address {
            IpAddr::V4(address) => (A, address.octets().to_vec()),
            IpAddr::V6(address) => (AAAA, address.octets().to_vec()),
        };
        // The name that was asked for; class IN; to be forgotten at once.
        packet.extend([0xc0, 12]);
        packet.extend(kind.to_be_bytes());
        packet.extend([0, 1, 0, 0, 0, 0]);
        packet.extend(u16::try_from(bytes.len()).ok()?.to_be_bytes());
        packet.extend(bytes);
    }
    Some(packet)
}

/// `None` for silence.
fn addresses(label: &str, kind: u16, turns: &mut usize) -> Option<Vec<IpAddr>> {
    let list = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
    let public = IpAddr::V4(PUBLIC);
    Some(match (label, kind) {
        ("turns", A) => {
            *turns += 1;
            if *turns % 2 == 1 { vec![public] } else { list(&["127.0.0.1"]) }
        }
        ("both", A) => vec![public, "127.0.0.1".parse().ok()?],
        ("mapped", AAAA) => list(&["::ffff:127.0.0.1"]),
        ("six", AAAA) => list(&["::1"]),
        ("metadata", A) => list(&["169.254.169.254"]),
        ("private", A) => list(&["10.0.0.1"]),
        ("turns" | "both" | "mapped" | "six" | "metadata" | "private", _) => Vec::new(),
        _ => return None,
    })
}
