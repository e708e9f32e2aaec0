//! The modules of Node.js that tenants can import, with the prefix `node:` or without.

/// Name without the prefix, module of the platform. Sorted by name.
static BUILTINS: [(&str, &str); 9] = [
    ("buffer", "insula:node/buffer.js"),
    ("events", "insula:node/events.js"),
    ("module", "insula:node/module.js"),
    ("path", "insula:node/path.js"),
    ("path/posix", "insula:node/path.js"),
    ("path/win32", "insula:node/path_win32.js"),
    ("process", "insula:node/process.js"),
    ("util", "insula:node/util.js"),
    ("util/types", "insula:node/util_types.js"),
];

/// The platform's module behind a specifier.
pub(crate) fn resolve(specifier: &str) -> Option<&'static str> {
    let name = specifier.strip_prefix("node:").unwrap_or(specifier);
    let index = BUILTINS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(BUILTINS[index].1)
}

/// The names of all, without prefix.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(names().is_sorted());
    }

    #[test]
    fn the_prefix_may_be_left_out() {
        assert_eq!(resolve("node:events"), Some("insula:node/events.js"));
        assert_eq!(resolve("events"), Some("insula:node/events.js"));
        assert_eq!(resolve("node:node:events"), None);
        assert_eq!(resolve("node/events"), None);
    }
}
