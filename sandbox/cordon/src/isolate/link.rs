//! The isolate's socket, with what is to be sent collected into few calls. Sending never blocks;
//! receiving does when there is nothing else to wait for, which costs one call and not three.

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::time::Duration;

use insula_wire::{Decoder, Frame, IsolateFrame};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

/// Bytes that may wait to be sent before the isolate takes no more frames.
const BACKLOG: usize = 4 << 20;

/// Bytes of output buffer that a link keeps after a burst.
const IDLE_OUTPUT: usize = 4 << 10;

/// Bytes of output buffer beyond which a burst's memory is given back.
const BUSY_OUTPUT: usize = 256 << 10;

/// How often an isolate with last words waits a tenth of a second for a host that takes nothing.
const PATIENCE: u32 = 10;

/// The host is gone, or its socket failed: the isolate has nobody to live for.
#[derive(Debug)]
pub(crate) struct Closed;

/// What a wait ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ready {
    /// There may be something to read, or room to write.
    Socket,
    /// The time is over.
    Timeout,
}

/// What a wait for frames brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// Something was read.
    Something,
    /// The time is over, or something could be sent.
    Nothing,
    /// Nothing came for as long as the host thinks worth noticing.
    LongNothing,
}

/// The isolate's end of its link.
pub(crate) struct Link {
    socket: OwnedFd,
    output: RefCell<Vec<u8>>,
    sent: Cell<usize>,
}

impl Link {
    pub(crate) fn new(socket: OwnedFd) -> Result<Self, Errno> {
        rustix::io::ioctl_fionbio(&socket, false)?;
        Ok(Self { socket, output: RefCell::default(), sent: Cell::new(0) })
    }

    /// Adds a frame to what is to be sent.
    pub(crate) fn queue(&self, frame: &IsolateFrame<'_>) {
        frame.encode(&mut self.output.borrow_mut());
    }

    /// Sends what the socket takes now.
    pub(crate) fn flush(&self) -> Result<(), Closed> {
        let mut output = self.output.borrow_mut();
        while self.sent.get() < output.len() {
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            match send(&self.socket, &output[self.sent.get()..], flags) {
                Ok(sent) => self.sent.set(self.sent.get() + sent),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(_) => return Err(Closed),
            }
        }
        output.clear();
        if output.capacity() > BUSY_OUTPUT {
            output.shrink_to(IDLE_OUTPUT);
        }
        self.sent.set(0);
        Ok(())
    }

    /// Sends everything, as long as the host takes some of it within a second: the last words of an isolate, which may
    /// come after much else.
    pub(crate) fn flush_blocking(&self) {
        let mut patience = PATIENCE;
        while patience > 0 {
            let before = self.backlog();
            if self.flush().is_err() || self.backlog() == 0 {
                return;
            }
            patience = if self.backlog() < before { PATIENCE } else { patience - 1 };
            let _ = self.wait_for(PollFlags::OUT, Some(Duration::from_millis(100)));
        }
    }

    /// Waits at most `timeout` (`None`: for ever) for something to arrive, and for room to send
    /// when something waits to be sent.
    ///
    /// Without either, one call waits and reads. It ends without anything, too, when nothing has come
    /// for the time that the host has given the socket; `knows_silence` avoids that.
    pub(crate) fn receive(
        &self,
        decoder: &mut Decoder,
        timeout: Option<Duration>,
        knows_silence: bool,
    ) -> Result<Received, Closed> {
        let backlog = self.backlog();
        if backlog == 0 && timeout.is_none() && !knows_silence {
            return Ok(match self.read(decoder, RecvFlags::empty())? {
                true => Received::Something,
                false => Received::LongNothing,
            });
        }
        let wanted = match backlog {
            0 => PollFlags::IN,
            _ if self.is_clogged() => PollFlags::OUT,
            _ => PollFlags::IN | PollFlags::OUT,
        };
        if self.wait_for(wanted, timeout)? == Ready::Timeout || self.is_clogged() {
            return Ok(Received::Nothing);
        }
        Ok(match self.read(decoder, RecvFlags::DONTWAIT)? {
            true => Received::Something,
            false => Received::Nothing,
        })
    }

    fn read(&self, decoder: &mut Decoder, flags: RecvFlags) -> Result<bool, Closed> {
        loop {
            match recv(&self.socket, decoder.spare(), flags) {
                Ok((0, _)) => return Err(Closed),
                Ok((received, _)) => {
                    decoder.filled(received);
                    return Ok(true);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(false),
                Err(_) => return Err(Closed),
            }
        }
    }

    /// Whether so much waits to be sent that the isolate should take nothing more.
    fn is_clogged(&self) -> bool {
        self.backlog() > BACKLOG
    }

    fn backlog(&self) -> usize {
        self.output.borrow().len() - self.sent.get()
    }

    fn wait_for(&self, wanted: PollFlags, timeout: Option<Duration>) -> Result<Ready, Closed> {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut sockets = [PollFd::new(&self.socket, wanted)];
        loop {
            match poll(&mut sockets, timeout.as_ref()) {
                Ok(0) => return Ok(Ready::Timeout),
                Ok(_) => return Ok(Ready::Socket),
                Err(Errno::INTR) => {}
                Err(_) => return Err(Closed),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use insula_wire::RetireReason;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    #[test]
    fn last_words_come_after_all_that_is_waiting() {
        let none = SocketFlags::empty();
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::STREAM, none, None).expect("a pair");
        let link = Link::new(ours).expect("a link");
        let chunk = vec![0; 64 << 10];
        for _ in 0..1000 {
            link.queue(&IsolateFrame::Chunk { stream: 1, bytes: &chunk });
        }
        link.queue(&IsolateFrame::Retiring { reason: RetireReason::MemoryLimit, stream: 2 });
        let all = link.backlog();
        let reader = std::thread::spawn(move || {
            let (mut bytes, mut received) = (vec![0; 64 << 10], 0);
            while let Ok((more, _)) = recv(&theirs, &mut bytes[..], RecvFlags::empty())
                && more > 0
            {
                received += more;
            }
            received
        });
        link.flush_blocking();
        drop(link);
        assert_eq!(reader.join().expect("no panic"), all);
    }
}
