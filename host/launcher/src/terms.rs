use std::ffi::{OsStr, OsString};

/// What the launcher is started with and holds to, whatever it is asked for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// Cordons may be started even where the machine does not allow every wall. Only for an
    /// operator who asked for it.
    pub lenient: bool,
    /// Bytes of memory that one cordon may use, as the last resort; `None` for no control groups.
    pub cordon_memory: Option<u64>,
    /// Processes and threads of one cordon, where there are control groups.
    pub cordon_pids: u64,
    /// Whether to try, before anything else, which walls hold.
    pub probe: bool,
}

const LENIENT: &str = "--insecure-walls";
const PROBE: &str = "--probe";
const MEMORY: &str = "--cordon-memory=";
const PIDS: &str = "--cordon-pids=";

impl Terms {
    /// The arguments that these travel by.
    pub fn arguments(self) -> Vec<OsString> {
        let mut arguments = vec![format!("{PIDS}{}", self.cordon_pids)];
        arguments.extend(self.cordon_memory.map(|bytes| format!("{MEMORY}{bytes}")));
        arguments.extend(self.lenient.then(|| LENIENT.to_owned()));
        arguments.extend(self.probe.then(|| PROBE.to_owned()));
        arguments.into_iter().map(OsString::from).collect()
    }

    /// What arguments say; `None` when they are not those of [`arguments`](Self::arguments).
    pub fn parse(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Option<Self> {
        let mut terms = Self::default();
        for argument in arguments {
            let argument = argument.as_ref().to_str()?;
            if argument == LENIENT {
                terms.lenient = true;
            } else if argument == PROBE {
                terms.probe = true;
            } else if let Some(bytes) = argument.strip_prefix(MEMORY) {
                terms.cordon_memory = Some(bytes.parse().ok()?);
            } else {
                terms.cordon_pids = argument.strip_prefix(PIDS)?.parse().ok()?;
            }
        }
        Some(terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_survive_the_way() {
        for terms in [
            Terms::default(),
            Terms { lenient: true, cordon_memory: Some(1 << 40), cordon_pids: 9, probe: true },
        ] {
            assert_eq!(Terms::parse(terms.arguments()), Some(terms));
        }
        assert_eq!(Terms::parse(["--cordon-pids=many"]), None);
        assert_eq!(Terms::parse(["serve"]), None);
    }
}
