use std::io;
use std::net::UdpSocket;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::call::call;

/// A thread that was started before the filter, and what tells it to go on.
pub type Early = Option<(SyncSender<()>, JoinHandle<()>)>;

/// For `thread`: a thread that waits, and then does what none may.
pub fn threads_before_the_filter(name: &str) -> Early {
    (name == "thread").then(|| {
        let (go, wait) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            if wait.recv().is_ok() {
                let _ = UdpSocket::bind("127.0.0.1:0");
            }
        });
        (go, thread)
    })
}

fn report(isolate: u64, signal: u8) -> [u8; insula_jail::CRASH_REPORT] {
    let mut packet = [0; insula_jail::CRASH_REPORT];
    packet[..8].copy_from_slice(&isolate.to_le_bytes());
    packet[8] = signal;
    packet
}

#[expect(unconditional_recursion, reason = "the stack is to overflow")]
fn overflow(depth: u64) -> u64 {
    std::hint::black_box(overflow(std::hint::black_box(depth + 1)) + 1)
}

/// Ends in the way that `name` says, or does not, which is an error.
pub fn end(name: &str, early: Early) -> Option<io::Result<()>> {
    let still_here = Err(io::Error::other("still here"));
    Some(match name {
        "thread" => {
            let (go, thread) = early?;
            let _ = go.send(());
            let _ = thread.join();
            still_here
        }
        // SAFETY: ends the process.
        "status" => unsafe { libc::_exit(7) },
        "abort" => std::process::abort(),
        "fault" => {
            // SAFETY: it is not; the kernel ends the process for it.
            unsafe { std::ptr::null_mut::<u8>().write_volatile(1) };
            still_here
        }
        "reported-fault" => {
            insula_jail::report_crashes(report).ok()?;
            insula_jail::run_isolate(0x0102_0304);
            // SAFETY: as above.
            unsafe { std::ptr::null_mut::<u8>().write_volatile(1) };
            still_here
        }
        "reported-overflow" => {
            insula_jail::report_crashes(report).ok()?;
            let deep = std::thread::Builder::new().spawn(|| {
                insula_jail::run_isolate(5);
                overflow(1)
            });
            let _ = deep.ok()?.join();
            still_here
        }
        "reported-abort" => {
            insula_jail::report_crashes(report).ok()?;
            std::process::abort()
        }
        "wait" => {
            eprintln!("waiting");
            let _ = call(libc::SYS_ppoll, [0, 0, 0, 0, 0]);
            still_here
        }
        "memory" => {
            let mut blocks = Vec::new();
            loop {
                blocks.push(vec![1_u8; 1 << 20]);
            }
        }
        "threads" => {
            let mut threads = 0;
            while std::thread::Builder::new().spawn(std::thread::park).is_ok() {
                threads += 1;
            }
            eprintln!("threads={threads}");
            Ok(())
        }
        "busy" => {
            let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            while time.tv_sec == 0 && time.tv_nsec < 50_000_000 {
                let address = crate::call::at_mut(&mut time);
                let clock = libc::CLOCK_PROCESS_CPUTIME_ID as usize;
                if call(libc::SYS_clock_gettime, [clock, address]).is_err() {
                    return None;
                }
            }
            eprintln!("busy");
            let _ = call(libc::SYS_ppoll, [0, 0, 0, 0, 0]);
            still_here
        }
        _ => return None,
    })
}
