//! Packets, and descriptors beside them.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use crate::{ANSWER, Answer, REQUEST, Request};

/// Descriptors beside a request to start a cordon: its control link, and the pipe for its log.
pub(crate) const DESCRIPTORS: usize = 2;

/// What came from the host's process.
#[derive(Debug)]
pub(crate) enum Received {
    /// A request, with what came beside it.
    Request(Request, Vec<OwnedFd>),
    /// Something that is no request.
    Nonsense,
    /// The end.
    End,
}

/// Sends a request, with `descriptors` beside it: for a cordon's start its control link and the
/// pipe for its log, in this order; otherwise none.
///
/// # Errors
///
/// What the system says; [`Errno::PIPE`] when the launcher is gone, [`Errno::AGAIN`] when the
/// socket does not block and has no room.
pub fn send_request(
    socket: impl AsFd,
    request: Request,
    descriptors: &[BorrowedFd<'_>],
) -> Result<(), Errno> {
    let packet = request.encode();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let packet = [IoSlice::new(&packet)];
    let sent = retry_on_intr(|| sendmsg(&socket, &packet, &mut control, SendFlags::NOSIGNAL));
    sent.map(drop)
}

/// The next answer; `None` when the launcher has ended.
///
/// # Errors
///
/// What the system says, or [`Errno::PROTO`] for a packet that is no answer.
pub fn receive_answer(socket: impl AsFd) -> Result<Option<Answer>, Errno> {
    let mut packet = [0; ANSWER];
    let received = retry_on_intr(|| {
        rustix::net::recv(&socket, &mut packet[..], RecvFlags::empty()).map(|(_, length)| length)
    });
    match received {
        // What was on the way to a launcher that ended.
        Ok(0) | Err(Errno::CONNRESET) => Ok(None),
        Ok(length) => {
            let answer = packet.get(..length).and_then(Answer::decode);
            answer.map(Some).ok_or(Errno::PROTO)
        }
        Err(error) => Err(error),
    }
}

/// Sends an answer; waits for room.
pub(crate) fn send_answer(socket: impl AsFd, answer: &Answer) -> Result<(), Errno> {
    let packet = answer.encode();
    retry_on_intr(|| rustix::net::send(&socket, &packet, SendFlags::NOSIGNAL)).map(drop)
}

/// The next request; there must be one.
pub(crate) fn receive_request(socket: impl AsFd) -> Result<Received, Errno> {
    // One byte more than a request has shows a packet that is too long.
    let mut packet = [0; REQUEST + 1];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut pieces = [IoSliceMut::new(&mut packet)];
    let received = match recvmsg(socket, &mut pieces, &mut control, RecvFlags::CMSG_CLOEXEC) {
        Err(Errno::CONNRESET) => return Ok(Received::End),
        received => received?,
    };
    // What came beside the packet is owned, and closed, whatever the packet says.
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(passed) = message {
            descriptors.extend(passed);
        }
    }
    let cut = received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC);
    Ok(match packet.get(..received.bytes).unwrap_or_default() {
        [] => Received::End,
        bytes => match Request::decode(bytes) {
            Some(request) if !cut => Received::Request(request, descriptors),
            _ => Received::Nonsense,
        },
    })
}
