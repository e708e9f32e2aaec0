//! Just enough of Rust's lexical grammar to look at code without its comments, literals and tests.

/// The same text with comments, strings and characters turned into spaces; line breaks stay, so
/// that line numbers still hold.
pub fn code_only(source: &str) -> String {
    let mut lexer = Lexer { rest: source, out: String::with_capacity(source.len()), previous: ' ' };
    while lexer.step() {}
    lexer.out
}

/// `code_only` text with every item under `#[cfg(test)]` turned into spaces.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        let (before, item) = rest.split_at(at);
        out.push_str(before);
        let end = end_of_item(item);
        out.extend(item[..end].chars().map(blank));
        rest = &item[end..];
    }
    out.push_str(rest);
    out
}

/// Whether the file as a whole holds tests.
pub fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// Byte offsets at which `word` stands alone in `code`: no identifier character on either side.
pub fn find_word<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let opens_like_a_name = word.starts_with(is_name);
    let ends_like_a_name = word.ends_with(is_name);
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = code[..*at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !(opens_like_a_name && before.is_some_and(is_name)
            || ends_like_a_name && after.is_some_and(is_name))
    })
}

/// The line that holds byte offset `at`, counted from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn blank(character: char) -> char {
    if character == '\n' { '\n' } else { ' ' }
}

/// The end of the first item in `code`: its closing brace, or a semicolon before any brace.
fn end_of_item(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

struct Lexer<'a> {
    rest: &'a str,
    out: String,
    /// The character before `rest`: tells `r"..."` from the end of a name.
    previous: char,
}

impl Lexer<'_> {
    /// Consumes one token; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        let hidden = if self.rest.starts_with("//") {
            self.rest.find('\n').unwrap_or(self.rest.len())
        } else if self.rest.starts_with("/*") {
            block_comment_length(self.rest)
        } else if first == '"' {
            string_length(self.rest)
        } else if first == '\'' {
            char_length(self.rest)
        } else if !is_name(self.previous) {
            raw_string_length(self.rest)
        } else {
            0
        };
        if hidden == 0 {
            self.out.push(first);
            self.previous = first;
            self.rest = &self.rest[first.len_utf8()..];
        } else {
            self.out.extend(self.rest[..hidden].chars().map(blank));
            self.previous = ' ';
            self.rest = &self.rest[hidden..];
        }
        true
    }
}

/// Block comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Zero for a lifetime, which also begins with a quote.
fn char_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            characters.next();
            characters.find(|(_, character)| *character == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// Zero unless the text begins with `r"`, `br#"`, `cr##"` and so on.
fn raw_string_length(text: &str) -> usize {
    let after_prefix = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let Some(after_r) = after_prefix.strip_prefix('r') else { return 0 };
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let Some(body) = after_r[hashes..].strip_prefix('"') else { return 0 };
    let close = format!("\"{}", "#".repeat(hashes));
    match body.find(&close) {
        Some(at) => text.len() - body.len() + at + close.len(),
        None => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_comments_and_literals_and_keeps_lines() {
        let source = "let a = \"unsafe \\\" x\"; // unsafe\n/* unsafe /* nested */ unsafe */ let b = 'u';\nlet c = br#\"unsafe \" \"#; fn f<'a>(x: &'a str) {}";
        let code = code_only(source);
        assert!(!code.contains("unsafe"), "{code}");
        assert!(code.contains("fn f<'a>(x: &'a str) {}"), "{code}");
        assert_eq!(code.lines().count(), source.lines().count());
    }

    #[test]
    fn keeps_real_code_between_literals() {
        assert!(code_only("f(\"a\"); unsafe { g('\\'') } h(r\"x\")").contains("; unsafe { g("));
        assert!(code_only("let for_r = 1; xr\"\";").contains("for_r"));
    }

    #[test]
    fn drops_test_items_only() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests { fn x() { {} } }\nfn b() {}\n#[cfg(test)]\nmod other;\nfn c() {}";
        let kept = without_tests(code);
        assert!(kept.contains("fn a") && kept.contains("fn b") && kept.contains("fn c"));
        assert!(!kept.contains("fn x") && !kept.contains("other"));
    }

    #[test]
    fn words_stand_alone() {
        let code = "unsafe_code unsafe not_unsafe unsafe{";
        assert_eq!(find_word(code, "unsafe").count(), 2);
        assert_eq!(find_word("a.socket( my_socket(", "socket(").count(), 1);
    }
}
