use rustix::rand::{GetRandomFlags, getrandom};

/// Random words that must not get out, each with what it is.
#[derive(Debug, Clone, Default)]
pub struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    /// A new word; what it stands for is said when it is found.
    pub fn plant(&mut self, what: &'static str) -> String {
        let word = format!("canary{}", random());
        self.add(what, word.clone());
        word
    }

    /// A word that is there already.
    pub fn add(&mut self, what: &'static str, word: String) {
        assert!(word.len() > 8, "{what} is too short to be told from chance");
        self.0.push((what, word));
    }

    /// What of them is in `bytes`.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let is_in = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        self.0.iter().find(|(_, word)| is_in(word)).map(|(what, _)| *what)
    }
}

/// 128 random bits in hexadecimal.
pub fn random() -> String {
    let mut bytes = [0_u8; 16];
    getrandom(&mut bytes, GetRandomFlags::empty()).expect("random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
