//! One source map (https://tc39.es/ecma426/), ready to be asked.

use oxc_sourcemap::{JSONSourceMap, SourceMap as Decoded};
use serde::Deserialize;
use thiserror::Error;

/// Segments of the maps of one version. Each takes 20 bytes of memory, and more while it is decoded.
const SEGMENTS: usize = 2_000_000;

/// Sources of the maps of one version.
const SOURCES: usize = 20_000;

/// Names of the maps of one version. They are counted, not kept: nothing shows them.
const NAMES: usize = 1_000_000;

/// Bytes in the name of a source.
const SOURCE_NAME: usize = 1000;

/// Characters of a source line that are shown.
const SOURCE_LINE: usize = 200;

/// Why a map is ignored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MapError {
    /// It is for something else.
    #[error("there is no JavaScript module of that name")]
    NoSuchModule,
    /// There is another one already.
    #[error("the module has one already")]
    Second,
    /// It did not survive the journey.
    #[error("it is not base64")]
    NotBase64,
    /// There is no room for it.
    #[error("the maps are larger than the limit for bundles")]
    TooLarge,
    /// It is not a source map, or of another version.
    #[error("it is no source map of version 3: {0}")]
    Json(serde_json::Error),
    /// More than the maps of a version may have.
    #[error("the maps have more than {limit} {what} together")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// What its `mappings` say makes no sense.
    #[error("its mappings are malformed: {0}")]
    Mappings(String),
}

/// What the maps of one version have together.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    segments: usize,
    sources: usize,
    names: usize,
}

/// Which position of a module comes from which position of its author's files.
#[derive(Debug)]
pub(crate) struct SourceMap {
    /// In the order of the deployed text.
    segments: Box<[Segment]>,
    sources: Box<[Source]>,
}

/// One known pair. Lines and columns count from 0, columns in UTF-16 units.
#[derive(Debug, Clone, Copy)]
struct Segment {
    line: u32,
    column: u32,
    /// [`NO_SOURCE`] for text that comes from nowhere.
    source: u32,
    source_line: u32,
    source_column: u32,
}

const NO_SOURCE: u32 = u32::MAX;

#[derive(Debug)]
struct Source {
    name: String,
    content: Option<String>,
}

/// A position in the author's files; line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) line: u32,
    pub(super) column: u32,
    content: Option<&'a str>,
}

/// What is read of the JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    version: u32,
    mappings: String,
    #[serde(default)]
    source_root: Option<String>,
    #[serde(default)]
    sources: Vec<Option<String>>,
    #[serde(default)]
    sources_content: Vec<Option<String>>,
    #[serde(default)]
    names: Vec<serde::de::IgnoredAny>,
}

impl SourceMap {
    /// Reads the map of `module`, and adds what it has to what others have. Computes.
    ///
    /// # Errors
    ///
    /// [`MapError`]; then nothing was added.
    pub(crate) fn parse(module: &str, json: &[u8], tally: &mut Tally) -> Result<Self, MapError> {
        // Some tools put `)]}'` before the JSON, to keep it from being run as a script.
        let json = match json.strip_prefix(b")]}") {
            Some(rest) => rest.splitn(2, |&byte| byte == b'\n').nth(1).unwrap_or_default(),
            None => json,
        };
        let document: Document = serde_json::from_slice(json).map_err(MapError::Json)?;
        if document.version != 3 {
            return Err(MapError::Json(serde::de::Error::custom("its version is another")));
        }
        let separators = |byte: &&u8| matches!(**byte, b',' | b';');
        let with_others = Tally {
            segments: tally.segments
                + document.mappings.as_bytes().iter().filter(separators).count()
                + 1,
            sources: tally.sources + document.sources.len(),
            names: tally.names + document.names.len(),
        };
        at_most("sources", with_others.sources, SOURCES)?;
        at_most("names", with_others.names, NAMES)?;
        at_most("mappings", with_others.segments, SEGMENTS)?;
        let segments = segments(document.mappings, document.sources.len(), document.names.len())?;
        let root = document.source_root.as_deref().unwrap_or_default();
        let mut contents = document.sources_content.into_iter();
        let sources = document.sources.into_iter().map(|name| Source {
            name: source_name(module, root, name.as_deref().unwrap_or("(unknown)")),
            content: contents.next().flatten(),
        });
        *tally = with_others;
        Ok(Self { segments, sources: sources.collect() })
    }

    /// Where the character at a position (from 1) of the module comes from.
    pub(super) fn find(&self, line: u32, column: u32) -> Option<Place<'_>> {
        let (line, column) = (line.checked_sub(1)?, column.checked_sub(1)?);
        let after = self.segments.partition_point(|it| (it.line, it.column) <= (line, column));
        let segment = self.segments.get(after.checked_sub(1)?).filter(|it| it.line == line)?;
        let source = self.sources.get(segment.source as usize)?;
        Some(Place {
            file: &source.name,
            line: segment.source_line.saturating_add(1),
            column: segment.source_column.saturating_add(1),
            content: source.content.as_deref(),
        })
    }

    /// Bytes of memory, about.
    pub(super) fn size(&self) -> usize {
        let source = |source: &Source| {
            size_of::<Source>() + source.name.len() + source.content.as_ref().map_or(0, String::len)
        };
        self.segments.len() * size_of::<Segment>() + self.sources.iter().map(source).sum::<usize>()
    }
}

impl Place<'_> {
    /// The author's line, if the map has it.
    pub(super) fn source_line(&self) -> String {
        let line = self.content.and_then(|text| text.lines().nth(self.line as usize - 1));
        line.unwrap_or_default().chars().take(SOURCE_LINE).collect()
    }
}

fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), MapError> {
    if count > limit { Err(MapError::TooMany { what, limit }) } else { Ok(()) }
}

fn segments(mappings: String, sources: usize, names: usize) -> Result<Box<[Segment]>, MapError> {
    let decoded = Decoded::from_json(JSONSourceMap {
        version: 3,
        file: None,
        mappings,
        source_root: None,
        // Only their number counts here.
        sources: vec![String::new(); sources],
        sources_content: None,
        names: vec![String::new(); names],
        debug_id: None,
        x_google_ignore_list: None,
    })
    .map_err(|error| MapError::Mappings(error.to_string()))?;
    let mut segments: Box<[Segment]> = decoded
        .get_tokens()
        .map(|token| Segment {
            line: token.get_dst_line(),
            column: token.get_dst_col(),
            source: token.get_source_id().unwrap_or(NO_SOURCE),
            source_line: token.get_src_line(),
            source_column: token.get_src_col(),
        })
        .collect();
    // Columns may go backwards.
    segments.sort_by_key(|segment| (segment.line, segment.column));
    Ok(segments)
}

/// The source as seen from the bundle's root, as far as it is a path: a map says it relative to
/// the module.
fn source_name(module: &str, root: &str, source: &str) -> String {
    let named = match root.trim_end_matches('/') {
        "" => source.to_owned(),
        root => format!("{root}/{source}"),
    };
    let is_path = !named.starts_with('/') && !named.contains(':') && !named.contains('\\');
    let name = if is_path { join(module, &named) } else { named };
    let is_bad = |c: char| c.is_control();
    let mut name = if name.contains(is_bad) { name.replace(is_bad, "\u{fffd}") } else { name };
    if name.len() > SOURCE_NAME {
        name.truncate(name.floor_char_boundary(SOURCE_NAME));
    }
    name
}

fn join(module: &str, path: &str) -> String {
    let mut parts: Vec<&str> = module.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(json: &str) -> Result<SourceMap, MapError> {
        SourceMap::parse("dist/index.js", json.as_bytes(), &mut Tally::default())
    }

    #[test]
    fn the_maps_of_a_version_share_what_one_may_have() {
        let with = |segments: usize, sources: usize, names: usize| {
            format!(
                r#"{{"version":3,"sources":[{}null],"names":[{}""],"mappings":"{}"}}"#,
                "null,".repeat(sources - 1),
                r#""","#.repeat(names - 1),
                ";".repeat(segments - 1),
            )
        };
        let mut tally = Tally::default();
        let mut parse = |json: &str| SourceMap::parse("a.js", json.as_bytes(), &mut tally);
        assert!(parse(&with(SEGMENTS / 2, SOURCES / 2, NAMES / 2)).is_ok());
        for (json, too_many) in [
            (with(SEGMENTS / 2 + 1, 1, 1), "mappings"),
            (with(1, SOURCES / 2 + 1, 1), "sources"),
            (with(1, 1, NAMES / 2 + 1), "names"),
        ] {
            let error = parse(&json).expect_err(too_many);
            assert!(matches!(error, MapError::TooMany { what, .. } if what == too_many));
        }
        assert!(parse(&with(SEGMENTS / 2, SOURCES / 2, NAMES / 2)).is_ok());
        assert!(parse(&with(1, 1, 1)).is_err());
    }

    #[test]
    fn a_position_is_that_of_the_segment_before_it() {
        let map = map(
            r#"{"version":3,"sources":["../src/a.ts","b.ts"],"sourcesContent":["one\ntwo",null],
                "names":["x"],"mappings":"AAAA,IACCA;;ACDD,E"}"#,
        )
        .unwrap();
        let at = |line, column| map.find(line, column).map(|it| (it.file, it.line, it.column));
        assert_eq!(at(1, 1), Some(("src/a.ts", 1, 1)));
        assert_eq!(at(1, 4), Some(("src/a.ts", 1, 1)));
        assert_eq!(at(1, 99), Some(("src/a.ts", 2, 2)));
        assert_eq!(at(2, 1), None, "a line without segments");
        assert_eq!(at(3, 2), Some(("dist/b.ts", 1, 1)));
        assert_eq!(at(3, 3), None, "a segment without a source");
        assert_eq!((at(0, 0), at(1, 0), at(9, 9)), (None, None, None));
        assert_eq!(map.find(1, 9).unwrap().source_line(), "two");
        assert_eq!(map.find(3, 1).unwrap().source_line(), "");
    }

    #[test]
    fn what_is_no_map_is_refused_and_nothing_panics() {
        let many =
            format!(r#"{{"version":3,"sources":[],"mappings":"{}"}}"#, ";".repeat(SEGMENTS + 1));
        let sources =
            format!(r#"{{"version":3,"sources":[{}""],"mappings":""}}"#, "\"\",".repeat(SOURCES));
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"version":2,"sources":[],"mappings":""}"#,
            r#"{"version":3,"sources":[],"mappings":1}"#,
            r#"{"version":3,"sources":[],"mappings":"AAAA"}"#,
            r#"{"version":3,"sources":["a"],"mappings":"AAAAA"}"#,
            r#"{"version":3,"sources":["a"],"mappings":"AA"}"#,
            r#"{"version":3,"sources":["a"],"mappings":"DAAA"}"#,
            r#"{"version":3,"sources":["a"],"mappings":"AADA"}"#,
            r#"{"version":3,"sources":["a"],"mappings":"gggggggggggggggggggA"}"#,
            r#"{"version":3,"sources":["a"],"mappings":"g"}"#,
            r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":{}}]}"#,
            &many,
            &sources,
        ] {
            let shown = json.get(..60).unwrap_or(json);
            assert!(map(json).is_err(), "{shown}");
        }
    }

    #[test]
    fn the_largest_numbers_stay_numbers() {
        // Columns and lines that go beyond 32 bits, and backwards.
        for mappings in
            ["+/////DA+/////DA,+/////DA+/////DA", "gggggggggB,gggggggggB", "2BAAA,DAAA,DAAA"]
        {
            let json = format!(r#"{{"version":3,"sources":["a"],"mappings":"{mappings}"}}"#);
            if let Ok(map) = map(&json) {
                for column in [1, 2, 50, u32::MAX] {
                    drop(map.find(1, column).map(|place| place.source_line()));
                }
            }
        }
    }

    #[test]
    fn sources_are_named_from_the_root() {
        for (root, source, name) in [
            ("", "../src/a.ts", "src/a.ts"),
            ("", "../../lib/./a.ts", "../lib/a.ts"),
            ("../src/", "a.ts", "src/a.ts"),
            ("", "/srv/app/a.ts", "/srv/app/a.ts"),
            ("", "webpack://app/./a.ts", "webpack://app/./a.ts"),
            ("", "a\u{1b}[2J.ts", "dist/a\u{fffd}[2J.ts"),
        ] {
            assert_eq!(source_name("dist/index.js", root, source), name);
        }
        assert_eq!(source_name("a.js", "", &"é".repeat(999)).len(), SOURCE_NAME);
    }
}
