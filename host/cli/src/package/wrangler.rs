//! wrangler.toml, wrangler.jsonc and wrangler.json, as far as they are understood.

use std::collections::BTreeMap;
use std::path::Path;

use insula_supervisor::Wall;
use serde_json::{Map, Value};

use super::jsonc;
use crate::diagnostic::{Diagnostic, Spot};

/// What an application's configuration asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The tenant to deploy to when the command line names none.
    pub name: Option<String>,
    /// The main module's path.
    pub main: Option<String>,
    /// `env` variables.
    pub vars: BTreeMap<String, String>,
    /// CPU time per request, in milliseconds.
    pub cpu_ms: Option<u64>,
    /// The day whose behaviour the author expects, as written.
    pub compatibility_date: Option<String>,
    /// What shall stand between the tenant and the rest.
    pub wall: Option<Wall>,
    /// Whether the engine may turn the code into machine code.
    pub jit: Option<bool>,
    /// Host names that shall reach the application.
    pub hosts: Vec<String>,
}

/// Keys that ask for something Insula does not have yet.
const UNSUPPORTED: [&str; 14] = [
    "triggers",
    "kv_namespaces",
    "services",
    "queues",
    "d1_databases",
    "r2_buckets",
    "durable_objects",
    "migrations",
    "assets",
    "ai",
    "hyperdrive",
    "analytics_engine_datasets",
    "workflows",
    "env",
];

/// Keys that make no difference here.
const WITHOUT_EFFECT: [&str; 12] = [
    "$schema",
    "account_id",
    "workers_dev",
    "preview_urls",
    "compatibility_flags",
    "minify",
    "keep_vars",
    "logpush",
    "observability",
    "placement",
    "dev",
    "upload_source_maps",
];

/// Reads a configuration file's text; its extension tells the language.
///
/// # Errors
///
/// A [`Diagnostic`] when it does not parse or a value has the wrong type.
pub fn parse(path: &Path, text: &str) -> Result<(Settings, Vec<Diagnostic>), Diagnostic> {
    let shown = path.display().to_string();
    let value = if path.extension().is_some_and(|extension| extension == "toml") {
        parse_toml(&shown, text)?
    } else {
        jsonc::parse(&shown, text)?
    };
    let Value::Object(keys) = value else {
        return Err(Diagnostic::new("the configuration is not an object").at(Spot::file(shown)));
    };
    let mut reader = Reader { shown, text, warnings: Vec::new() };
    let settings = reader.settings(&keys)?;
    Ok((settings, reader.warnings))
}

fn parse_toml(shown: &str, text: &str) -> Result<Value, Diagnostic> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or("invalid TOML").to_owned();
        Diagnostic::new(message).at(Spot::in_text(shown, text, span.start, span.end))
    })
}

struct Reader<'a> {
    shown: String,
    text: &'a str,
    warnings: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn settings(&mut self, keys: &Map<String, Value>) -> Result<Settings, Diagnostic> {
        let mut settings = Settings::default();
        for (key, value) in keys {
            match key.as_str() {
                "name" => settings.name = Some(self.string(key, value)?),
                "main" => settings.main = Some(self.string(key, value)?),
                "compatibility_date" => {
                    settings.compatibility_date = Some(self.string(key, value)?);
                }
                "vars" => settings.vars = self.vars(value)?,
                "limits" => settings.cpu_ms = self.limits(value)?,
                "insula" => self.insula(value, &mut settings)?,
                "route" => self.route(key, value, &mut settings.hosts)?,
                "routes" => {
                    let routes = value.as_array().ok_or_else(|| self.wrong(key, "an array"))?;
                    for route in routes {
                        self.route(key, route, &mut settings.hosts)?;
                    }
                }
                key if UNSUPPORTED.contains(&key) => {
                    self.warn(key, format!("`{key}` is not supported yet and has no effect"));
                }
                key if WITHOUT_EFFECT.contains(&key) => {}
                key => self.warn(key, format!("`{key}` is not understood and has no effect")),
            }
        }
        Ok(settings)
    }

    /// What only Insula knows: `[insula]` with `wall = "process"`, `jit = false`.
    fn insula(&mut self, value: &Value, settings: &mut Settings) -> Result<(), Diagnostic> {
        let keys = value.as_object().ok_or_else(|| self.wrong("insula", "a table"))?;
        for (key, value) in keys {
            match (key.as_str(), value) {
                ("wall", Value::String(wall)) if wall == "shared" => {
                    settings.wall = Some(Wall::Shared);
                }
                ("wall", Value::String(wall)) if wall == "process" => {
                    settings.wall = Some(Wall::Process);
                }
                ("wall", _) => return Err(self.wrong(key, "\"shared\" or \"process\"")),
                ("jit", Value::Bool(jit)) => settings.jit = Some(*jit),
                ("jit", _) => return Err(self.wrong(key, "true or false")),
                _ => self.warn(key, format!("`insula.{key}` is not understood and has no effect")),
            }
        }
        Ok(())
    }

    fn vars(&mut self, value: &Value) -> Result<BTreeMap<String, String>, Diagnostic> {
        let vars = value.as_object().ok_or_else(|| self.wrong("vars", "a table"))?;
        let mut out = BTreeMap::new();
        for (name, value) in vars {
            let text = match value {
                Value::String(text) => text.clone(),
                other => {
                    let message =
                        format!("`vars.{name}` is not a string; `env` will hold its JSON");
                    self.warn(name, message);
                    other.to_string()
                }
            };
            out.insert(name.clone(), text);
        }
        Ok(out)
    }

    fn limits(&mut self, value: &Value) -> Result<Option<u64>, Diagnostic> {
        let limits = value.as_object().ok_or_else(|| self.wrong("limits", "a table"))?;
        let mut cpu_ms = None;
        for (key, value) in limits {
            if key == "cpu_ms" {
                let wrong = || self.wrong("cpu_ms", "a whole number of milliseconds");
                cpu_ms = Some(value.as_u64().ok_or_else(wrong)?);
            } else {
                self.warn(key, format!("`limits.{key}` is not understood and has no effect"));
            }
        }
        Ok(cpu_ms)
    }

    /// Adds the host name of a route: `example.com/*`, or a table with such a `pattern`.
    fn route(
        &mut self,
        key: &str,
        route: &Value,
        hosts: &mut Vec<String>,
    ) -> Result<(), Diagnostic> {
        let pattern = match route {
            Value::String(pattern) => pattern,
            Value::Object(route) => match route.get("pattern") {
                Some(Value::String(pattern)) => pattern,
                _ => return Err(self.wrong("pattern", "a string")),
            },
            _ => return Err(self.wrong(key, "a pattern or a table with a pattern")),
        };
        let bare = pattern.split_once("://").map_or(pattern.as_str(), |(_, rest)| rest);
        let (host, path) = bare.split_once('/').unwrap_or((bare, "*"));
        if host.is_empty() || host.contains('*') {
            let message = format!("the route {pattern:?} has no plain host name and has no effect");
            self.warn(key, message);
            return Ok(());
        }
        if !matches!(path, "" | "*") {
            self.warn(
                key,
                format!("the path of the route {pattern:?} is ignored: all of {host} is routed"),
            );
        }
        let host = host.to_ascii_lowercase();
        if !hosts.contains(&host) {
            hosts.push(host);
        }
        Ok(())
    }

    fn string(&self, key: &str, value: &Value) -> Result<String, Diagnostic> {
        value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "a string"))
    }

    fn wrong(&self, key: &str, expected: &str) -> Diagnostic {
        Diagnostic::new(format!("`{key}` is not {expected}")).at(self.spot(key))
    }

    fn warn(&mut self, key: &str, message: String) {
        let spot = self.spot(key);
        self.warnings.push(Diagnostic::new(message).at(spot));
    }

    /// Where `key` is first used as a key, as far as a look at the text can tell.
    fn spot(&self, key: &str) -> Spot {
        let is_key = |at: usize| {
            let before = self.text[..at].chars().next_back();
            let after =
                self.text[at + key.len()..].trim_start_matches('"').trim_start().chars().next();
            before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '[' | '.' | '{' | ','))
                && matches!(after, Some('=' | ':' | ']' | '.'))
        };
        match self.text.match_indices(key).map(|(at, _)| at).find(|&at| is_key(at)) {
            Some(at) => Spot::in_text(&self.shown, self.text, at, at + key.len()),
            None => Spot::file(&self.shown),
        }
    }
}
