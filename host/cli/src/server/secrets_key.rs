use std::ffi::OsString;

use insula_control::{SecretsKey, SecretsKeySource};
use zeroize::Zeroizing;

use super::operator;
use crate::config::SecretsSection;
use crate::diagnostic::Diagnostic;

/// The environment variable with the key.
const VARIABLE: &str = "INSULA_SECRETS_KEY";

/// Where the key of the secrets comes from: the environment, else the file that the configuration
/// names, else the data folder.
///
/// # Errors
///
/// When the variable is there and holds no key, or the file does not. What they hold is not shown.
pub fn secrets_key(section: SecretsSection) -> Result<SecretsKeySource, Diagnostic> {
    match choose(std::env::var_os(VARIABLE), section)? {
        // Read here, by who started the server: it may be for root's eyes only.
        SecretsKeySource::File(path) => {
            let key = SecretsKey::read(&path).map_err(|error| operator(error.to_string()))?;
            Ok(SecretsKeySource::Given(key))
        }
        source => Ok(source),
    }
}

fn choose(
    variable: Option<OsString>,
    section: SecretsSection,
) -> Result<SecretsKeySource, Diagnostic> {
    match (variable, section.key_file) {
        (Some(text), _) => {
            let text = Zeroizing::new(text.into_encoded_bytes());
            let key = SecretsKey::parse(VARIABLE, &text).map_err(|error| {
                operator(error.to_string())
                    .help(format!("without {VARIABLE} the key comes from a file"))
            })?;
            Ok(SecretsKeySource::Given(key))
        }
        (None, Some(path)) => Ok(SecretsKeySource::File(path)),
        (None, None) => Ok(SecretsKeySource::DataFolder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_data_folder() {
        let file = || SecretsSection { key_file: Some("a.key".into()) };
        let key = "0123456789abcdef".repeat(4);
        let chosen = choose(Some(key.into()), file()).unwrap();
        assert!(matches!(chosen, SecretsKeySource::Given(_)));
        let chosen = choose(None, file()).unwrap();
        assert!(matches!(chosen, SecretsKeySource::File(path) if path == *"a.key"));
        let chosen = choose(None, SecretsSection::default()).unwrap();
        assert!(matches!(chosen, SecretsKeySource::DataFolder));
    }

    #[test]
    fn a_variable_that_holds_no_key_is_not_passed_over_and_not_shown() {
        for text in ["", "hunter2-hunter2", "hunter2!"] {
            let error = choose(Some(text.into()), SecretsSection::default()).unwrap_err();
            let shown = error.to_string();
            assert!(shown.contains(VARIABLE), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
            assert_eq!(error.blame, Some(insula_supervisor::Blame::Operator));
        }
    }
}
