use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::{Command, within};

/// A running `insula tail --json`. Dropping it ends it.
pub struct Tail {
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<Value>,
    _child: Child,
}

impl Tail {
    pub(crate) fn new(command: Command) -> Self {
        let mut child = command.spawn();
        let stdout = child.stdout.take().expect("a pipe");
        Self { lines: BufReader::new(stdout).lines(), seen: Vec::new(), _child: child }
    }

    /// The next event for which `matches` holds; the others before it stay in [`Tail::seen`].
    ///
    /// # Panics
    ///
    /// When it does not come; says `what` was awaited and what came instead.
    pub async fn wait_for(&mut self, what: &str, matches: impl Fn(&Value) -> bool) -> Value {
        let found = tokio::time::timeout(crate::PATIENCE, self.find(matches)).await;
        match found {
            Ok(Some(event)) => event,
            _ => panic!("{what} was not seen; seen were {:#?}", self.seen),
        }
    }

    /// The next console line or exception whose text contains `part`.
    pub async fn wait_for_text(&mut self, part: &str) -> Value {
        self.wait_for(part, |event| text(event).contains(part)).await
    }

    /// The outcome of the request for `path`.
    pub async fn outcome(&mut self, path: &str) -> Value {
        self.wait_for(&format!("the outcome of {path}"), |event| {
            event["type"] == "outcome"
                && event["request_line"].as_str().is_some_and(|line| line.ends_with(path))
        })
        .await
    }

    /// All events up to now.
    pub fn seen(&self) -> &[Value] {
        &self.seen
    }

    /// Reads until the server ends the stream.
    pub async fn end(&mut self) {
        within("the end of the tail", self.find(|_| false)).await;
    }

    async fn find(&mut self, matches: impl Fn(&Value) -> bool) -> Option<Value> {
        while let Some(line) = self.lines.next_line().await.expect("a line of text") {
            let event: Value = serde_json::from_str(&line).expect("a line of JSON");
            self.seen.push(event.clone());
            if matches(&event) {
                return Some(event);
            }
        }
        None
    }
}

fn text(event: &Value) -> &str {
    let text = event["text"].as_str().or(event["detail"]["message"].as_str());
    text.unwrap_or_default()
}
