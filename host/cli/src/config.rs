//! `insula.toml`.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use insula_gateway::CacheConfig;
use insula_supervisor::{Capacity, Limits, Policy};
use serde::Deserialize;
use serde::de::Error as _;

use crate::args::{LogFormat, ServeArgs, address};
use crate::diagnostic::{Diagnostic, Spot};
use crate::server::UserKey;

/// The file that is read when the command line names none and it is there.
const DEFAULT_FILE: &str = "insula.toml";

/// What the operator decides. Every key may be left out; a key that does not exist is an error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where tenants' requests arrive.
    #[serde(deserialize_with = "address_text")]
    pub listen: SocketAddr,
    /// Where the admin API listens.
    #[serde(deserialize_with = "address_text")]
    pub admin: SocketAddr,
    /// Tenants answer at `NAME.<base_domain>`.
    pub base_domain: String,
    /// The folder for everything that is kept; relative to the working directory.
    pub data: PathBuf,
    /// Who the server is when root has started it; `None` for the user `insula`, or one that
    /// nothing else uses.
    pub user: Option<UserKey>,
    /// What a tenant may use unless its deployment asks for something else.
    pub limits: Limits,
    /// What is decided for tenants that nothing else is said about.
    pub policy: Policy,
    /// What all isolates may take together.
    pub capacity: Capacity,
    /// What tenants' `fetch` may reach.
    pub egress: EgressSection,
    /// What tenants may keep in `caches`.
    pub cache: CacheConfig,
    /// How tenants' secrets are kept.
    pub secrets: SecretsSection,
    /// The server's own log.
    pub log: LogSection,
}

/// `[egress]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EgressSection {
    /// What is allowed beside public addresses: addresses, networks and host names, each with or
    /// without a port.
    pub allow: Vec<String>,
}

/// `[secrets]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecretsSection {
    /// The file with the key that secrets are sealed with, relative to the working directory;
    /// when left out, `secrets.key` in the data folder, which is made at the first start.
    pub key_file: Option<PathBuf>,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// `human` or `json`; when left out, `human` on a terminal and `json` otherwise.
    pub format: Option<LogFormat>,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or a filter for each part like
    /// `info,insula_gateway=debug`.
    pub level: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin: SocketAddr::from(([127, 0, 0, 1], 9090)),
            base_domain: "localhost".to_owned(),
            data: PathBuf::from("./insula-data"),
            user: None,
            limits: Limits::default(),
            policy: Policy::default(),
            capacity: Capacity::default(),
            egress: EgressSection::default(),
            cache: CacheConfig::default(),
            secrets: SecretsSection::default(),
            log: LogSection::default(),
        }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self { format: None, level: "info".to_owned() }
    }
}

impl Config {
    /// The configuration that the command line asks for.
    ///
    /// # Errors
    ///
    /// A [`Diagnostic`] that names the line of the file.
    pub fn load(args: &ServeArgs) -> Result<Self, Diagnostic> {
        let mut config = match &args.config {
            Some(path) => Self::read(path).map_err(|error| cannot_read(path, &error))??,
            None => match Self::read(Path::new(DEFAULT_FILE)) {
                Ok(config) => config?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
                Err(error) => return Err(cannot_read(Path::new(DEFAULT_FILE), &error)),
            },
        };
        config.apply(args);
        Ok(config)
    }

    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// A [`Diagnostic`] that names the line.
    pub fn parse(shown: &str, text: &str) -> Result<Self, Diagnostic> {
        toml::from_str(text).map_err(|error| {
            let message = error.message().lines().next().unwrap_or("invalid TOML").to_owned();
            let spot = match error.span() {
                Some(span) => Spot::in_text(shown, text, span.start, span.end),
                None => Spot::file(shown),
            };
            Diagnostic::new(message).at(spot)
        })
    }

    fn read(path: &Path) -> io::Result<Result<Self, Diagnostic>> {
        let text = fs::read_to_string(path)?;
        Ok(Self::parse(&path.display().to_string(), &text))
    }

    fn apply(&mut self, args: &ServeArgs) {
        if let Some(data) = &args.data {
            self.data.clone_from(data);
        }
        if let Some(listen) = args.listen {
            self.listen = listen;
        }
        if let Some(admin) = args.admin {
            self.admin = admin;
        }
        if let Some(base_domain) = &args.base_domain {
            self.base_domain.clone_from(base_domain);
        }
        if args.log_format.is_some() {
            self.log.format = args.log_format;
        }
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("cannot read the configuration file {}: {error}", path.display()))
}

fn address_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    address(&text).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_shows_every_key_with_its_default() {
        let example = include_str!("../insula.example.toml");
        let config = Config::parse("insula.example.toml", example).unwrap();
        assert_eq!(config, Config::default());
        // Uncommented, the optional keys are understood too.
        let all: String = example
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("#: ").unwrap_or(line)))
            .collect();
        let shown: toml::Table = toml::from_str(&all).unwrap();
        Config::parse("insula.example.toml", &all).unwrap();
        let keys = |section: &str| {
            let mut keys: Vec<_> = shown[section].as_table().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let limits = serde_json::to_value(Limits::default()).unwrap();
        let mut expected: Vec<_> = limits.as_object().unwrap().keys().cloned().collect();
        expected.sort();
        assert_eq!(keys("limits"), expected);
        assert_eq!(keys("policy"), ["egress", "jit", "level", "wall", "wasm"]);
        let capacity = serde_json::to_value(Capacity::default()).unwrap();
        let mut expected: Vec<_> = capacity.as_object().unwrap().keys().cloned().collect();
        expected.sort();
        assert_eq!(keys("capacity"), expected);
        assert_eq!(keys("egress"), ["allow"]);
        assert_eq!(keys("cache"), ["bytes", "entry_bytes", "tenant_bytes", "tenant_entries"]);
        assert_eq!(keys("secrets"), ["key_file"]);
        assert_eq!(keys("log"), ["format", "level"]);
        for key in ["listen", "admin", "base_domain", "data", "user"] {
            assert!(shown.contains_key(key), "{key}");
        }
    }

    #[test]
    fn errors_name_the_line() {
        for (text, line, word) in [
            ("listen = \"127.0.0.1:1\"\ncolour = 1\n", 2, "colour"),
            ("[limits]\ncpu_ms = 1\nfuel = 2\n", 3, "fuel"),
            ("[limits]\ncpu_ms = \"fast\"\n", 2, "invalid type"),
            ("\nlisten = \"8080\"\n", 2, "127.0.0.1:8080"),
            ("[log]\nformat = \"xml\"\n", 2, "xml"),
            ("[policy]\nlevel = \"Very Free\"\n", 2, "trust level"),
            ("[policy.egress]\ndeny = [\"a b\"]\n", 2, "a b"),
            ("[secrets]\nkey = \"00\"\n", 2, "key"),
            ("data = \n", 1, ""),
        ] {
            let error = Config::parse("insula.toml", text).unwrap_err();
            assert_eq!(error.spot.as_ref().unwrap().line, line, "{error}");
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn the_command_line_wins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        fs::write(
            &path,
            "listen = \"127.0.0.1:1\"\nbase_domain = \"a.test\"\n[limits]\ncpu_ms = 9\n",
        )
        .unwrap();
        let args = ServeArgs {
            config: Some(path),
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 2))),
            ..ServeArgs::default()
        };
        let config = Config::load(&args).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.base_domain, "a.test");
        assert_eq!(config.limits.cpu_ms, 9);
        let args = ServeArgs { config: Some(folder.path().join("none")), ..ServeArgs::default() };
        assert!(Config::load(&args).unwrap_err().message.contains("none"));
    }
}
