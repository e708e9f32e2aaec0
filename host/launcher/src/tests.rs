//! A launcher on a thread, told nonsense.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use insula_jail::Mode;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, send, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::start::Server;
use crate::{
    Answer, Class, Launcher, REQUEST, Request, Share, Terms, receive_answer, send_request,
};

/// A program that stays until its standard input ends.
const PATIENT: &str = "/bin/cat";

struct Descriptors {
    control: OwnedFd,
    theirs: OwnedFd,
    log: OwnedFd,
    reader: OwnedFd,
}

fn launcher() -> Launcher {
    Launcher::on_thread(PATIENT, Terms::default()).expect("a launcher")
}

fn descriptors() -> Descriptors {
    let kind = SocketType::SEQPACKET;
    let (control, theirs) =
        socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).expect("a pair");
    let (reader, log) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
    Descriptors { control, theirs, log, reader }
}

fn spawn(id: u64) -> Request {
    Request::Spawn { id, mode: Mode::Strict, class: Class::Usual, share: Share::None }
}

fn ask(launcher: &Launcher, request: Request, descriptors: &[BorrowedFd<'_>]) -> Answer {
    send_request(&launcher.link, request, descriptors).expect("sends");
    hear(launcher).expect("an answer")
}

fn hear(launcher: &Launcher) -> Option<Answer> {
    receive_answer(&launcher.link).expect("listens")
}

fn why_not(answer: Answer) -> String {
    let Answer::Refused { why, .. } = answer else { panic!("{answer:?}") };
    why
}

/// How a launcher on a thread has ended.
fn ended(launcher: Launcher) -> String {
    assert_eq!(hear(&launcher), None);
    let Server::Thread(thread) = launcher.server else { panic!() };
    thread.join().expect("no panic").expect_err("a breach").to_string()
}

#[test]
fn a_cordon_is_started_and_ended() {
    let (launcher, cordon) = (launcher(), descriptors());
    let given = [cordon.theirs.as_fd(), cordon.log.as_fd()];
    let Answer::Started { id: 1, pid, .. } = ask(&launcher, spawn(1), &given) else { panic!() };
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    // Another one's id ends nobody.
    send_request(&launcher.link, Request::Kill { id: 2 }, &[]).expect("sends");
    assert!(matches!(ask(&launcher, spawn(3), &given), Answer::Started { id: 3, .. }));
    let answer = ask(&launcher, Request::Kill { id: 1 }, &[]);
    let Answer::Exited { id: 1, status, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(ExitStatus::from_raw(status).signal(), Some(9));
    // It is gone, and nobody has its id.
    send_request(&launcher.link, Request::Kill { id: 1 }, &[]).expect("sends");
    let answer = ask(&launcher, Request::Kill { id: 3 }, &[]);
    assert!(matches!(answer, Answer::Exited { id: 3, .. }), "{answer:?}");
}

#[test]
fn cordons_end_with_the_link() {
    let (launcher, cordon) = (launcher(), descriptors());
    let given = [cordon.theirs.as_fd(), cordon.log.as_fd()];
    let answer = ask(&launcher, spawn(1), &given);
    let Answer::Started { pid, .. } = answer else { panic!("{answer:?}") };
    let Launcher { link, server, .. } = launcher;
    drop(link);
    server.wait();
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    drop((cordon.control, cordon.reader));
}

#[test]
fn what_a_cordon_needs_must_come_with_the_request() {
    let (launcher, cordon) = (launcher(), descriptors());
    let file = std::fs::File::open("/dev/null").expect("is there");
    let (link, log) = (cordon.theirs.as_fd(), cordon.log.as_fd());
    for (id, given) in
        [&[][..], &[link], &[log], &[log, link], &[file.as_fd(), log], &[link, file.as_fd()]]
            .into_iter()
            .enumerate()
    {
        let answer = ask(&launcher, spawn(id as u64 + 1), given);
        assert!(why_not(answer).contains("control link and a pipe"));
    }
    assert!(matches!(ask(&launcher, spawn(9), &[link, log]), Answer::Started { .. }));
}

#[test]
fn a_mode_that_was_not_asked_for_is_refused() {
    let (launcher, cordon) = (launcher(), descriptors());
    let given = [cordon.theirs.as_fd(), cordon.log.as_fd()];
    let request =
        Request::Spawn { id: 1, mode: Mode::Lenient, class: Class::Usual, share: Share::None };
    assert!(why_not(ask(&launcher, request, &given)).contains("not asked for"));
    let terms = Terms { lenient: true, ..Terms::default() };
    let lenient = Launcher::on_thread(PATIENT, terms).expect("a launcher");
    assert!(matches!(ask(&lenient, request, &given), Answer::Started { .. }));
}

#[test]
fn a_binary_that_is_not_there_is_refused_by_name() {
    let launcher = Launcher::on_thread("/nonexistent/cordon", Terms::default()).expect("starts");
    let cordon = descriptors();
    let given = [cordon.theirs.as_fd(), cordon.log.as_fd()];
    assert!(why_not(ask(&launcher, spawn(1), &given)).contains("/nonexistent/cordon"));
}

#[test]
fn a_packet_that_is_no_request_ends_the_launcher_and_its_cordons() {
    let good = spawn(2).encode();
    let with = |at: usize, value: u8| {
        let mut packet = good.to_vec();
        packet[at] = value;
        packet
    };
    for packet in [
        with(0, 9),
        with(1, 2),
        with(2, 2),
        with(5, 1),
        good[..REQUEST - 1].to_vec(),
        [&good[..], &[0]].concat(),
        vec![1; 4096],
    ] {
        let (launcher, cordon) = (launcher(), descriptors());
        let given = [cordon.theirs.as_fd(), cordon.log.as_fd()];
        let answer = ask(&launcher, spawn(1), &given);
        let Answer::Started { pid, .. } = answer else { panic!("{answer:?}") };
        send(&launcher.link, &packet, SendFlags::NOSIGNAL).expect("sends");
        assert!(ended(launcher).contains("no request"), "{packet:?}");
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}

#[test]
fn an_id_is_used_once() {
    for again in [5, 4, 0] {
        let launcher = launcher();
        why_not(ask(&launcher, spawn(5), &[]));
        send_request(&launcher.link, spawn(again), &[]).expect("sends");
        assert!(ended(launcher).contains("after a larger one"));
    }
}

#[test]
fn more_descriptors_than_a_cordon_needs_start_nothing() {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, sendmsg};
    for more in [1, 60] {
        let (launcher, cordon) = (launcher(), descriptors());
        let mut fds = vec![cordon.theirs.as_fd(), cordon.log.as_fd()];
        fds.extend(std::iter::repeat_n(cordon.control.as_fd(), more));
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(62))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
        let packet = spawn(1).encode();
        let packet = [std::io::IoSlice::new(&packet)];
        sendmsg(&launcher.link, &packet, &mut control, SendFlags::NOSIGNAL).expect("sends");
        let answer = hear(&launcher);
        assert!(matches!(answer, None | Some(Answer::Refused { .. })), "{answer:?}");
    }
}
