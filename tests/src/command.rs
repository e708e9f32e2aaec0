use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use crate::binaries::binary;
use crate::within;

/// A call of the `insula` binary, free of the caller's settings.
pub struct Command {
    command: tokio::process::Command,
    input: Vec<u8>,
}

/// What became of a call.
#[derive(Debug)]
pub struct Run {
    /// The exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Command {
    /// `insula` with these arguments.
    pub fn insula(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let mut command = tokio::process::Command::new(binary("insula"));
        command.args(args).env_remove("INSULA_ADMIN_URL").env_remove("INSULA_TOKEN");
        command.env_remove("INSULA_SECRETS_KEY");
        command.kill_on_drop(true);
        Self { command, input: Vec::new() }
    }

    /// The same in this folder.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// The same with this in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// The same with this as standard input.
    #[must_use]
    pub fn input(mut self, bytes: &[u8]) -> Self {
        self.input = bytes.to_vec();
        self
    }

    /// Runs it to its end.
    pub async fn run(mut self) -> Run {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("start insula");
        let mut stdin = child.stdin.take().expect("a pipe");
        // It may end without reading; its exit status then says why.
        let _ = stdin.write_all(&self.input).await;
        drop(stdin);
        let output = within("insula to end", child.wait_with_output()).await.expect("its output");
        Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The process with standard output and error as pipes.
    pub(crate) fn spawn(mut self) -> tokio::process::Child {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.spawn().expect("start insula")
    }
}

impl Run {
    /// Asserts success and returns standard output.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stdout
    }

    /// Asserts exit status `code` and returns standard error.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(!self.stderr.is_empty(), "an error without a word");
        self.stderr
    }

    /// Asserts success and returns standard output as JSON.
    #[track_caller]
    pub fn json(self) -> serde_json::Value {
        let stdout = self.succeeded();
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
    }
}
