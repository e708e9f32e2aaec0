use crate::plan::bytes;

/// How it greets, if not as it should.
#[derive(Debug, Default)]
pub struct Handshake {
    /// The packet in the place of the cordon's `Hello`; silence if it is empty.
    pub hello: Option<Vec<u8>>,
    /// The bytes in the place of an isolate's `Hello`; silence if there are none.
    pub blank: Option<Vec<u8>>,
}

impl Handshake {
    /// What the file says: a line `hello HEX`, a line `blank HEX`, or both.
    pub fn read() -> Self {
        let file = std::env::current_exe().map(|own| own.with_file_name("handshake"));
        let text = file.and_then(std::fs::read_to_string).unwrap_or_default();
        let line = |name| text.lines().find_map(|line| line.strip_prefix(name)).map(bytes);
        Self { hello: line("hello "), blank: line("blank ") }
    }
}
