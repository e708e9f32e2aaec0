//! The modules of Node.js that tenants can import, with the prefix `node:` or without.

/// Name without the prefix, module of the platform. Sorted by name.
static BUILTINS: [(&str, &str); 48] = [
    ("assert", "insula:node/assert.js"),
    ("assert/strict", "insula:node/assert_strict.js"),
    ("async_hooks", "insula:node/async_hooks.js"),
    ("buffer", "insula:node/buffer.js"),
    ("child_process", "insula:node/child_process.js"),
    ("cluster", "insula:node/cluster.js"),
    ("console", "insula:node/console.js"),
    ("constants", "insula:node/constants.js"),
    ("crypto", "insula:node/crypto.js"),
    ("dgram", "insula:node/dgram.js"),
    ("diagnostics_channel", "insula:node/diagnostics_channel.js"),
    ("dns", "insula:node/dns.js"),
    ("dns/promises", "insula:node/dns_promises.js"),
    ("events", "insula:node/events.js"),
    ("fs", "insula:node/fs.js"),
    ("fs/promises", "insula:node/fs_promises.js"),
    ("http", "insula:node/http.js"),
    ("http2", "insula:node/http2.js"),
    ("https", "insula:node/https.js"),
    ("inspector", "insula:node/inspector.js"),
    ("module", "insula:node/module.js"),
    ("net", "insula:node/net.js"),
    ("os", "insula:node/os.js"),
    ("path", "insula:node/path.js"),
    ("path/posix", "insula:node/path.js"),
    ("path/win32", "insula:node/path_win32.js"),
    ("perf_hooks", "insula:node/perf_hooks.js"),
    ("process", "insula:node/process.js"),
    ("punycode", "insula:node/punycode.js"),
    ("querystring", "insula:node/querystring.js"),
    ("readline", "insula:node/readline.js"),
    ("stream", "insula:node/stream.js"),
    ("stream/consumers", "insula:node/stream_consumers.js"),
    ("stream/promises", "insula:node/stream_promises.js"),
    ("stream/web", "insula:node/stream_web.js"),
    ("string_decoder", "insula:node/string_decoder.js"),
    ("sys", "insula:node/util.js"),
    ("timers", "insula:node/timers.js"),
    ("timers/promises", "insula:node/timers_promises.js"),
    ("tls", "insula:node/tls.js"),
    ("tty", "insula:node/tty.js"),
    ("url", "insula:node/url.js"),
    ("util", "insula:node/util.js"),
    ("util/types", "insula:node/util_types.js"),
    ("v8", "insula:node/v8.js"),
    ("vm", "insula:node/vm.js"),
    ("worker_threads", "insula:node/worker_threads.js"),
    ("zlib", "insula:node/zlib.js"),
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
