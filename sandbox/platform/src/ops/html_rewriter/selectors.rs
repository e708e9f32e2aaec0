//! What selectors cost, found out before `lol_html` has them. The library compiles the selectors of a rewriter recursively
//! and tries all of them at each tag without asking anybody, so what it is given decides how much stack it
//! needs, and how much of a document it may have between two looks at whether the isolate may go on.

use insula_spidermonkey::Throw;
use lol_html::Selector;

/// Of what the library keeps between two pieces of input: unfinished tags, open elements.
const MEMORY: usize = 8 << 20;
/// Bytes of one piece of the document, so that none is long.
pub(super) const PIECE: usize = 16 << 10;
/// The same where an end tag can cost a walk over the names of all elements so far.
const PIECE_OF_TYPES: usize = 64;

/// Bytes of a selector.
const MOST_BYTES: usize = 2048;
/// How deep the brackets of a selector nest: its parser is recursive, and takes 14 KiB a level in a debug build.
const DEEPEST: usize = 16;
/// Combinators in a row, each of which is a level of the library's recursive compiler: 0.7 KiB, in a debug build 1 KiB.
pub(super) const MOST_COMBINATORS: usize = 64;

/// Bytes of all selectors of a rewriter, each of which may be tried at each tag.
const MOST_BYTES_IN_ALL: usize = 64 << 10;
/// Elements that all selectors of a rewriter speak of. Making a rewriter compares each with each.
const MOST_COMPOUNDS: usize = 2048;
/// Tests of attributes in all selectors of a rewriter, each of which may read the whole tag. So many leave 64 KiB for a tag.
const MOST_TESTS: usize = 2048;

/// Between two looks, in units of about a nanosecond; 20 times that in a debug build.
const WORK: usize = 8 << 20;
/// For one tag, within which nobody can look: tests × bytes, each of which takes 1 to 3 ns.
const WORK_FOR_TAG: usize = 128 << 20;

/// What a selector, or all of a rewriter, cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    bytes: usize,
    compounds: usize,
    combinators: usize,
    /// Reads of a whole tag. Looking for a part of a value counts several times, as it compares at each byte.
    tests: usize,
    counts_types: bool,
}

/// The selectors of one rewriter.
#[derive(Default)]
pub(super) struct Selectors {
    parsed: Vec<(Selector, u32)>,
    cost: Cost,
}

/// What the library is given at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Bytes of a document between two looks.
    pub piece: usize,
    /// Bytes that it may keep, which bounds the longest tag.
    pub memory: usize,
}

impl Selectors {
    /// Adds a selector with what its handlers are for.
    ///
    /// # Errors
    ///
    /// It is no selector, or one that is too much, or all are together.
    pub fn add(&mut self, selector: &str, uses: u32) -> Result<(), Throw> {
        let cost = measure(selector)?;
        let all = &mut self.cost;
        all.bytes += cost.bytes;
        all.compounds += cost.compounds;
        all.combinators += cost.combinators;
        all.tests += cost.tests;
        all.counts_types |= cost.counts_types;
        let refuse = |what: String| {
            let advice = "use fewer or shorter ones, or several rewriters, one after the other";
            Err(Throw::TypeError(format!("the selectors of this rewriter {what}: {advice}")))
        };
        if all.bytes > MOST_BYTES_IN_ALL {
            return refuse(format!("have more than {MOST_BYTES_IN_ALL} bytes together"));
        }
        if all.compounds > MOST_COMPOUNDS {
            return refuse(format!("name more than {MOST_COMPOUNDS} elements together"));
        }
        if all.reads() > MOST_TESTS {
            return refuse(format!(
                "test more than {MOST_TESTS} attributes together (each `*=` counts 4 and a sixteenth of its bytes)"
            ));
        }
        self.parsed.push((parse_measured(selector)?, uses));
        Ok(())
    }

    pub fn bounds(&self) -> Bounds {
        self.cost.bounds(self.parsed.len())
    }

    pub fn into_parsed(self) -> Vec<(Selector, u32)> {
        self.parsed
    }
}

impl Cost {
    /// Reads of a whole tag in all. Where elements are counted by name, each step along a selector finds the counter by
    /// the name of the tag, which can be all of it.
    fn reads(&self) -> usize {
        self.tests + if self.counts_types { self.combinators + 1 } else { 0 }
    }

    fn bounds(&self, handlers: usize) -> Bounds {
        // Each element is noted with the descendants that it may have, and each of these is looked up among those that
        // are noted already: a third of a nanosecond each.
        let tag = self.bytes + handlers + self.combinators.pow(2) / 4;
        // No tag has less than three bytes.
        let byte = tag / 3 + self.reads() + 1;
        let most = if self.counts_types { PIECE_OF_TYPES } else { PIECE };
        Bounds {
            piece: (WORK / byte).clamp(1, most),
            memory: (WORK_FOR_TAG / self.reads().max(1)).min(MEMORY),
        }
    }
}

/// # Errors
///
/// It is no selector, or one that is too much.
pub(super) fn parse(selector: &str) -> Result<Selector, Throw> {
    measure(selector)?;
    parse_measured(selector)
}

fn parse_measured(selector: &str) -> Result<Selector, Throw> {
    selector
        .parse()
        .map_err(|error| Throw::TypeError(format!("the selector is not valid: {error}")))
}

/// What this costs if it is a selector; otherwise it never nests less deep than the parser goes before it finds out.
fn measure(selector: &str) -> Result<Cost, Throw> {
    if selector.len() > MOST_BYTES {
        return Err(Throw::TypeError(format!("a selector has at most {MOST_BYTES} bytes")));
    }
    let mut cost = Cost {
        bytes: selector.len(),
        compounds: 1,
        counts_types: counts_types(selector),
        ..Cost::default()
    };
    let mut depth = 0usize;
    let mut in_a_row = 0usize;
    // Where the brackets of an attribute are open: where they began, and whether a part of its value is looked for.
    let mut attribute = None;
    let mut before = b',';
    let mut is_apart = false;
    let mut code = Code(selector.bytes().peekable());
    while let Some(byte) = code.next() {
        if depth == 0 {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0xc | b'>' | b'+' | b'~' => {
                    is_apart = true;
                    continue;
                }
                b',' => {
                    cost.compounds += 1;
                    in_a_row = 0;
                }
                _ if is_apart && before != b',' => {
                    cost.compounds += 1;
                    cost.combinators += 1;
                    in_a_row += 1;
                }
                _ => {}
            }
            is_apart = false;
        }
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match byte {
            b'.' | b'#' => cost.tests += 1,
            b'[' => attribute = Some((code.left(), false)),
            b'=' if before == b'*' => attribute = attribute.map(|(from, _)| (from, true)),
            b']' => match attribute.take() {
                Some((from, true)) => cost.tests += 4 + (from - code.left()) / 16,
                _ => cost.tests += 1,
            },
            _ => {}
        }
        before = byte;
        if depth > DEEPEST {
            return Err(Throw::TypeError(format!(
                "a selector nests its brackets at most {DEEPEST} deep"
            )));
        }
        if in_a_row > MOST_COMBINATORS {
            return Err(Throw::TypeError(format!(
                "a selector has at most {MOST_COMBINATORS} combinators (blanks or `>` between elements)"
            )));
        }
    }
    // What is left open is closed by the end.
    if attribute.is_some() {
        cost.tests += 4 + selector.len() / 16;
    }
    Ok(cost)
}

/// Whether the library counts the elements of each name for this selector, or may do so: what is escaped is not read here.
fn counts_types(selector: &str) -> bool {
    selector.contains('\\') || selector.to_ascii_lowercase().contains("-of-type")
}

/// The bytes of a selector without its comments, and with an `a` for what is quoted or escaped: brackets there open and
/// close nothing.
struct Code<'s>(std::iter::Peekable<std::str::Bytes<'s>>);

impl Code<'_> {
    /// Bytes that follow.
    fn left(&self) -> usize {
        self.0.len()
    }

    fn skip_comment(&mut self) {
        let mut before = 0;
        for byte in self.0.by_ref() {
            if (before, byte) == (b'*', b'/') {
                return;
            }
            before = byte;
        }
    }

    fn skip_quoted(&mut self, quote: u8) {
        while let Some(byte) = self.0.next() {
            if byte == quote {
                return;
            }
            if byte == b'\\' {
                self.0.next();
            }
        }
    }
}

impl Iterator for Code<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        loop {
            match self.0.next()? {
                b'/' if self.0.next_if_eq(&b'*').is_some() => self.skip_comment(),
                quote @ (b'"' | b'\'') => {
                    self.skip_quoted(quote);
                    return Some(b'a');
                }
                b'\\' => {
                    self.0.next();
                    return Some(b'a');
                }
                byte => return Some(byte),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(selector: &str) -> Cost {
        selector.parse::<Selector>().unwrap_or_else(|error| panic!("{selector}: {error}"));
        measure(selector).unwrap_or_else(|_| panic!("{selector} is allowed"))
    }

    fn refusal<T>(result: Result<T, Throw>) -> String {
        match result {
            Err(Throw::TypeError(message)) => message,
            Err(_) => panic!("it is refused with a TypeError"),
            Ok(_) => panic!("it is refused"),
        }
    }

    #[test]
    fn what_costs_is_counted() {
        let counts = |selector: &str| {
            let cost = cost(selector);
            (cost.compounds, cost.combinators, cost.tests)
        };
        assert_eq!(counts("a"), (1, 0, 0));
        assert_eq!(counts(" a > b\tc>d "), (4, 3, 0));
        assert_eq!(counts("a b , c>d,\n.e"), (5, 2, 1));
        assert_eq!(counts("a/**/ /* > > */b"), (2, 1, 0));
        assert_eq!(counts("a#b.c[d][e = f]"), (1, 0, 4));
        assert_eq!(counts("[a='> b, c > .d #e'] f"), (2, 1, 1));
        assert_eq!(counts("a:not(.b, #c):nth-child(2n + 1)"), (1, 0, 2));
        assert_eq!(counts(r".a\ b\>c\.d"), (1, 0, 1));
        assert_eq!(counts("[a*=b]").2, 4);
        assert_eq!(counts("[a*=b").2, 4);
        assert_eq!(counts(&format!("[a*='{}']", "b".repeat(1600))).2, 104);
        assert_eq!(counts("[a='*=']").2, 1);
    }

    #[test]
    fn the_deepest_brackets_need_a_quarter_of_what_ops_have() {
        let deepest = ":not(".repeat(DEEPEST) + "a";
        let work = move || parse(&deepest).is_ok();
        let thread = std::thread::Builder::new().stack_size(320 << 10).spawn(work);
        assert!(thread.expect("a thread").join().expect("no panic"));
    }

    #[test]
    fn brackets_that_close_nothing_hide_no_depth() {
        for level in [
            ":not(",
            r":not(.\)",
            ":not([a=')'",
            r#":not([a="\")"]"#,
            ":not(/*)*/",
            ":not(/*/)*/",
            ":not(b,[a=')]'],",
        ] {
            let selector = level.repeat(MOST_BYTES / level.len());
            assert!(refusal(parse(&selector)).contains("at most 16 deep"), "{level}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let at_most = |link: &str| parse(&(link.repeat(MOST_COMBINATORS) + "b"));
        let more = |link: &str| parse(&(link.repeat(MOST_COMBINATORS + 1) + "b"));
        for link in ["a>", "a ", "a > ", "a\n", "a/**/>", r".a\>>", "[a=b]>", ":not(a) "] {
            at_most(link).unwrap_or_else(|_| panic!("{link}"));
            assert!(refusal(more(link)).contains("at most 64 combinators"), "{link}");
        }
        parse(&r".a\ ".repeat(500)).unwrap_or_else(|_| panic!("it is one name"));
        parse(&"a b,".repeat(500)[..1999]).unwrap_or_else(|_| panic!("they are not in a row"));
    }

    #[test]
    fn what_is_too_much_together_is_refused() {
        let mut most = 0;
        let mut fill = |selector: &dyn Fn(usize) -> String| {
            let mut all = Selectors::default();
            for index in 0.. {
                if let Err(Throw::TypeError(message)) = all.add(&selector(index), 0) {
                    most = most.max(index);
                    return message;
                }
            }
            unreachable!("something is too much")
        };
        assert!(fill(&|index| format!("{}{index}", "a".repeat(2000))).contains("65536 bytes"));
        assert!(fill(&|index| format!("a b c d{index}")).contains("2048 elements"));
        assert!(fill(&|index| format!("a[b=c{index}].d.e.f.g")).contains("2048 attributes"));
        assert!(fill(&|index| format!("[a*='{}{index}']", "b".repeat(1000))).contains("2048 attr"));
        assert!(fill(&|index| format!("a b:nth-of-type({index}) c.d")).contains("2048 elements"));
        assert!(most > 500, "512 ordinary handlers are possible");
    }

    #[test]
    fn what_costs_much_is_given_little_at_once() {
        let bounds = |selectors: &[String]| {
            let mut all = Selectors::default();
            for selector in selectors {
                all.add(selector, 0).unwrap_or_else(|_| panic!("{selector} is allowed"));
            }
            all.bounds()
        };
        let many = |selector: &str, count| -> Vec<String> {
            (0..count).map(|index| selector.replace('#', &index.to_string())).collect()
        };
        let usual = ["a[href]", "div.a > p#b", "meta[property='og:title']", "h1"];
        let usual = usual.map(str::to_owned);
        assert_eq!(bounds(&usual), Bounds { piece: PIECE, memory: MEMORY });
        assert!(bounds(&many("p.a#", 512)).memory >= 256 << 10);
        assert_eq!(bounds(&many("p:nth-of-type(#)", 3)).piece, PIECE_OF_TYPES);
        // Ten descendants each take longer than their number tells.
        assert!(bounds(&many(&"*:not(.a#) ".repeat(10), 200)).piece < 64);
        assert!(bounds(&many("[v*=b#]", 400)).memory < 128 << 10);
    }
}
