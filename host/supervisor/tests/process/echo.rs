//! A cordon without an engine: every isolate answers every request with the same few bytes, but
//! `/crash` with the death of the process, `/nonsense` with bytes that are no frame, and no more than a line of log to `/silence`. A deployment whose
//! entry is called `broken.js` does not start.

use std::io::{Read, Write, stdin};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use insula_wire::{
    BodyHead, BootFailure, CordonMessage, Decoder, ErrorReport, ExitReason, Exports, Frame,
    HeaderBlock, HostFrame, IsolateFrame, LogLevel, SupervisorMessage, VERSION,
};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags};

/// Whether this process was started as a cordon: its standard input is the control link.
pub(crate) fn is_cordon() -> bool {
    rustix::net::sockopt::socket_type(stdin().as_fd()).is_ok()
}

/// Serves until the control link closes.
pub(crate) fn run() {
    while let Some((message, fd)) = receive() {
        match (message, fd) {
            (SupervisorMessage::Hello { .. }, _) => send(CordonMessage::Hello { version: VERSION }),
            (SupervisorMessage::Start { isolate }, Some(fd)) => {
                std::thread::spawn(move || {
                    // The end of the link, however it comes about, is the end of the isolate.
                    let _ = serve(UnixStream::from(fd));
                    send(CordonMessage::Exited { isolate, reason: ExitReason::Closed });
                });
            }
            (SupervisorMessage::Start { .. }, None) => panic!("a start without a socket"),
            (SupervisorMessage::Drain, _) => return,
        }
    }
}

fn serve(mut socket: UnixStream) -> std::io::Result<()> {
    let mut decoder = Decoder::for_isolate();
    let mut out = Vec::new();
    IsolateFrame::Hello { version: VERSION }.encode(&mut out);
    let headers = HeaderBlock::parse(b"content-type\ntext/plain;charset=UTF-8\n").expect("legal");
    loop {
        while let Some(frame) = decoder.next::<HostFrame<'_>>().expect("the host is correct") {
            match frame {
                HostFrame::Boot { entry: "broken.js", .. } => {
                    let failure = BootFailure::Syntax;
                    let (file, line) = ("broken.js", 1);
                    let error = ErrorReport { file, line, message: "no", ..Default::default() };
                    IsolateFrame::BootFailed { failure, error }.encode(&mut out);
                    return socket.write_all(&out);
                }
                HostFrame::Request { url, .. } if url.ends_with("/crash") => std::process::abort(),
                HostFrame::Request { url, .. } if url.ends_with("/nonsense") => {
                    out.extend([0xff; 64]);
                }
                HostFrame::Request { stream, url, .. } if url.ends_with("/silence") => {
                    IsolateFrame::Log { stream, level: LogLevel::Log, text: "seen" }
                        .encode(&mut out);
                }
                HostFrame::Start => {
                    let exports = Exports { fetch: true, scheduled: false };
                    IsolateFrame::Ready { cpu_us: 0, exports }.encode(&mut out);
                    // Before a request that crashes: the host would send it elsewhere.
                    socket.write_all(&out)?;
                    out.clear();
                }
                HostFrame::Request { stream, .. } => {
                    let body = BodyHead::Inline(b"Hello, world!");
                    let (status, status_text) = (200, "");
                    IsolateFrame::Response { stream, status, status_text, headers, body }
                        .encode(&mut out);
                    IsolateFrame::Done { stream, cpu_us: 1 }.encode(&mut out);
                }
                HostFrame::Shutdown { .. } => return Ok(()),
                _ => {}
            }
        }
        socket.write_all(&out)?;
        out.clear();
        match read_patiently(&mut socket, &mut decoder)? {
            0 => return Ok(()),
            length => decoder.filled(length),
        }
    }
}

fn send(message: CordonMessage) {
    // The supervisor may be gone already.
    let _ = rustix::net::send(stdin().as_fd(), &message.encode(), SendFlags::NOSIGNAL);
}

fn receive() -> Option<(SupervisorMessage, Option<OwnedFd>)> {
    let mut packet = [0; 64];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut iov = [std::io::IoSliceMut::new(&mut packet)];
    let received =
        rustix::net::recvmsg(stdin().as_fd(), &mut iov, &mut control, RecvFlags::CMSG_CLOEXEC);
    let length = received.ok()?.bytes;
    let fd = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    SupervisorMessage::decode(packet.get(..length)?).ok().map(|message| (message, fd))
}

/// The host has given the socket a time after which an isolate may notice that it has nothing to do.
fn read_patiently(socket: &mut UnixStream, decoder: &mut Decoder) -> std::io::Result<usize> {
    loop {
        match socket.read(decoder.spare()) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            result => return result,
        }
    }
}
