use std::io::{IoSliceMut, stdin};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};

use insula_wire::SupervisorMessage;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags};

/// Sends a packet on the control link.
pub fn send(packet: &[u8]) {
    // The supervisor may be gone already.
    let _ = rustix::net::send(stdin().as_fd(), packet, SendFlags::NOSIGNAL);
}

/// The next message, with the descriptor beside it; `None` when the supervisor is gone.
pub fn receive() -> Option<(SupervisorMessage, Option<OwnedFd>)> {
    let mut packet = [0; 64];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut packet)];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = rustix::net::recvmsg(stdin().as_fd(), &mut parts, &mut control, flags).ok()?;
    let fd = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    let message = SupervisorMessage::decode(packet.get(..received.bytes)?).ok()?;
    Some((message, fd))
}
