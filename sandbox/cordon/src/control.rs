//! The packet socket to the supervisor.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use insula_wire::{CordonMessage, SupervisorMessage, WireError, caps};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendFlags, recvmsg, send,
};
use thiserror::Error;

/// Why the control link is of no use any more. The supervisor's fault, or nobody's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ControlError {
    /// Standard input is not what a supervisor gives: somebody started the binary by hand.
    #[error("standard input is not a control link; insula-cordon is started by `insula serve`")]
    NotStartedBySupervisor,
    /// The socket failed.
    #[error("the control link failed: {0}")]
    Socket(#[from] Errno),
    /// The supervisor broke the protocol.
    #[error("the supervisor broke the protocol: {0}")]
    Protocol(#[from] WireError),
    /// A packet or its descriptors were cut.
    #[error("a control packet was cut")]
    Cut,
}

/// This cordon's end of the control link. Sending is safe from any thread: a packet is atomic.
pub(crate) struct ControlLink {
    socket: OwnedFd,
}

impl ControlLink {
    /// Takes over standard input.
    pub(crate) fn from_stdin() -> Result<Self, ControlError> {
        let socket = std::io::stdin().as_fd().try_clone_to_owned();
        let socket = socket.map_err(|_| ControlError::NotStartedBySupervisor)?;
        match rustix::net::sockopt::socket_type(&socket) {
            Ok(rustix::net::SocketType::SEQPACKET) => Ok(Self { socket }),
            _ => Err(ControlError::NotStartedBySupervisor),
        }
    }

    /// The next message and the descriptor beside it, `None` when the supervisor is gone.
    pub(crate) fn receive(
        &self,
    ) -> Result<Option<(SupervisorMessage, Option<OwnedFd>)>, ControlError> {
        let mut packet = [0u8; caps::CONTROL];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            let mut parts = [IoSliceMut::new(&mut packet)];
            match recvmsg(&self.socket, &mut parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
                Err(Errno::INTR) => continue,
                result => break result?,
            }
        };
        if received.bytes == 0 {
            return Ok(None);
        }
        if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
            return Err(ControlError::Cut);
        }
        let descriptor = ancillary.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        Ok(Some((SupervisorMessage::decode(&packet[..received.bytes])?, descriptor)))
    }

    /// Sends a message. A supervisor that is gone is noticed by [`receive`](Self::receive).
    pub(crate) fn send(&self, message: &CordonMessage) {
        self.send_with(message, SendFlags::NOSIGNAL);
    }

    /// Sends what does not matter so much that anybody should wait for it.
    pub(crate) fn hint(&self, message: &CordonMessage) {
        self.send_with(message, SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
    }

    fn send_with(&self, message: &CordonMessage, flags: SendFlags) {
        let packet = message.encode();
        while send(&self.socket, &packet, flags) == Err(Errno::INTR) {}
    }
}
