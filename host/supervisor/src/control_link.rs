//! The packets between the supervisor and one cordon.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use insula_wire::{CordonMessage, SupervisorMessage, caps};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType,
};
use tokio::io::Interest;
use tokio::net::UnixDatagram;

/// The host's end of a control link.
pub(crate) struct ControlLink {
    /// A packet socket; as far as system calls go, one of datagrams is the same.
    socket: UnixDatagram,
}

impl ControlLink {
    /// A new link, and the end that is the cordon's. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn new() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        Ok((Self { socket: UnixDatagram::from_std(ours.into())? }, theirs))
    }

    /// Sends a message, with a file descriptor beside it if there is one.
    ///
    /// # Errors
    ///
    /// What the system says; the cordon is gone then.
    pub(crate) async fn send(
        &self,
        message: SupervisorMessage,
        fd: Option<OwnedFd>,
    ) -> io::Result<()> {
        let packet = message.encode();
        let send = || {
            let fds: Vec<_> = fd.iter().map(AsFd::as_fd).collect();
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            if !fds.is_empty() {
                control.push(SendAncillaryMessage::ScmRights(&fds));
            }
            let iov = [IoSlice::new(&packet)];
            Ok(rustix::net::sendmsg(&self.socket, &iov, &mut control, SendFlags::NOSIGNAL)?)
        };
        self.socket.async_io(Interest::WRITABLE, send).await.map(drop)
    }

    /// The next message; `None` when the cordon has closed the link.
    ///
    /// # Errors
    ///
    /// What the system says, or [`io::ErrorKind::InvalidData`] for a packet that is no message.
    pub(crate) async fn receive(&self) -> io::Result<Option<CordonMessage>> {
        let mut packet = [0; caps::CONTROL];
        let mut hear = || rustix::net::recv(&self.socket, &mut packet[..], RecvFlags::empty());
        // That the cordon died without having read everything is told once, and before what it has
        // said: its last word would be lost.
        let receive = || match hear() {
            Err(Errno::CONNRESET) => Ok(hear()?.1),
            heard => Ok(heard?.1),
        };
        let length = self.socket.async_io(Interest::READABLE, receive).await?;
        let bytes = packet
            .get(..length)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a packet is too long"))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let message = CordonMessage::decode(bytes);
        message.map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}
