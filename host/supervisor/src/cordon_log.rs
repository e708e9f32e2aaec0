use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a line that are kept.
const LINE: usize = 4 << 10;
/// Lines that are passed on in one second.
const LINES_PER_SECOND: u32 = 100;

/// Passes on what a cordon writes to its standard error, line by line, within bounds: the writer
/// is inside the wall.
pub(crate) async fn pass_on(mut stderr: impl AsyncRead + Unpin, cordon: u32) {
    let mut bounds = Bounds { since: Instant::now(), lines: 0, dropped: 0 };
    let mut line = Vec::new();
    let mut buffer = [0; 4 << 10];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        for piece in buffer[..length].split_inclusive(|&byte| byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            line.extend_from_slice(&text[..text.len().min(LINE - line.len())]);
            if text.len() < piece.len() {
                bounds.log(cordon, &line);
                line.clear();
            }
        }
    }
    if !line.is_empty() {
        bounds.log(cordon, &line);
    }
}

struct Bounds {
    since: Instant,
    lines: u32,
    dropped: u64,
}

impl Bounds {
    fn log(&mut self, cordon: u32, line: &[u8]) {
        if self.since.elapsed() > Duration::from_secs(1) {
            if self.dropped > 0 {
                tracing::warn!(cordon, lines = self.dropped, "cordon log lines dropped");
            }
            *self = Self { since: Instant::now(), lines: 0, dropped: 0 };
        }
        if self.lines == LINES_PER_SECOND {
            self.dropped += 1;
            return;
        }
        self.lines += 1;
        // Escaped, so that a line cannot forge another one or drive a terminal.
        tracing::warn!(cordon, "{}", line.escape_ascii());
    }
}
