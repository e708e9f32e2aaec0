//! How far the run is, on one line, when somebody looks.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;

/// A line on standard error that is written over; nothing when that is no terminal.
pub struct Progress {
    total: usize,
    done: Mutex<usize>,
    is_seen: bool,
}

/// Characters of the bar.
const WIDTH: usize = 30;

impl Progress {
    /// Before the first of `total`.
    pub fn new(total: usize) -> Self {
        Self { total, done: Mutex::new(0), is_seen: std::io::stderr().is_terminal() }
    }

    /// One more is done.
    pub fn step(&self, name: &str) {
        let mut done = self.done.lock().expect("nothing panics while it is held");
        *done += 1;
        if self.is_seen {
            let filled = WIDTH * *done / self.total.max(1);
            let bar = "#".repeat(filled) + &"-".repeat(WIDTH - filled);
            let name: String = name.chars().take(60).collect();
            eprint!("\r\x1b[K[{bar}] {}/{} {name}", *done, self.total);
            let _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_seen {
            eprint!("\r\x1b[K");
        }
    }
}
