//! Loading: defaults, then the file, then the environment, then flags; each remembered by name.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::kinds::Raw;
use super::{Settings, SettingsError};

/// Every variable of ours starts so.
const PREFIX: &str = "MAEUM_";

/// What tests tell each other; no settings.
const TEST_PREFIX: &str = "MAEUM_TEST_";

/// The largest file of settings that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where each key that is not at its default came from.
pub(super) type Origins = BTreeMap<String, String>;

/// A setting given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// As typed, e.g. `--listen`.
    pub name: &'static str,
    pub key: &'static str,
    /// As the environment would have it.
    pub value: String,
}

/// One setting as `config show` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub key: String,
    /// As TOML; a secret is masked.
    pub value: String,
    /// `default`, or the file, variable or flag.
    pub origin: String,
}

/// A setting, as lists of all of them name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub key: String,
    /// As TOML.
    pub default: String,
    pub help: &'static str,
    pub secret: bool,
}

impl Settings {
    /// Loads from a file, if one is named, the process' environment, and flags.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value that is not allowed, or settings that
    /// contradict each other.
    pub fn load(file: Option<&Path>, flags: &[Flag]) -> Result<Self, SettingsError> {
        Self::load_from(file, std::env::vars_os(), flags)
    }

    /// A server's settings in a test: a file, a data directory, any free port, and nothing of the
    /// environment.
    pub fn for_tests(data: &Path, file: &Path) -> Result<Self, SettingsError> {
        let flag = |name, key, value: String| Flag { name, key, value };
        let flags = [
            flag("--listen", "server.listen", r#"["127.0.0.1:0"]"#.to_owned()),
            flag("--data", "server.data", data.display().to_string()),
        ];
        Self::load_from(Some(file), [], &flags)
    }

    /// The same with an environment handed in.
    pub fn load_from(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &[Flag],
    ) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        if let Some(file) = file {
            settings.take_file(file)?;
        }
        let mut variables: Vec<_> = environment.into_iter().collect();
        variables.sort();
        for (name, value) in &variables {
            settings.take_variable(name, value)?;
        }
        for flag in flags {
            settings.take(
                flag.key,
                &Raw::Text(flag.value.clone()),
                flag.name.to_owned(),
            )?;
        }
        settings.check()?;
        Ok(settings)
    }

    fn take_file(&mut self, path: &Path) -> Result<(), SettingsError> {
        let origin = path.display().to_string();
        let unreadable =
            |problem: String| SettingsError::new(None, format!("--config {origin}"), problem);
        let length = std::fs::metadata(path)
            .map_err(|error| unreadable(format!("cannot be read: {error}")))?
            .len();
        if length > MAX_FILE_BYTES {
            return Err(unreadable(format!("is larger than {MAX_FILE_BYTES} bytes")));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| unreadable(format!("cannot be read: {error}")))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            unreadable(format!("is not TOML: line {line}: {}", error.message()))
        })?;
        for (name, value) in table {
            match value {
                toml::Value::Table(section) => {
                    for (field, value) in section {
                        self.take(
                            &format!("{name}.{field}"),
                            &Raw::Toml(value),
                            origin.clone(),
                        )?;
                    }
                }
                value => self.take(&name, &Raw::Toml(value), origin.clone())?,
            }
        }
        Ok(())
    }

    fn take_variable(&mut self, name: &OsString, value: &OsString) -> Result<(), SettingsError> {
        let shown = name.to_string_lossy();
        let Some(rest) = shown.strip_prefix(PREFIX) else {
            return Ok(());
        };
        if shown.starts_with(TEST_PREFIX) {
            return Ok(());
        }
        let origin = format!("environment variable {shown}");
        let key = rest.replace("__", ".").to_ascii_lowercase();
        // One spelling each: another would be read here and missed by whoever looks for it.
        if rest.chars().any(|character| character.is_ascii_lowercase()) {
            return Err(SettingsError::new(
                key,
                origin,
                "must be written in capitals",
            ));
        }
        let Some(value) = value.to_str() else {
            return Err(SettingsError::new(key, origin, "must be UTF-8"));
        };
        self.take(&key, &Raw::Text(value.to_owned()), origin)
    }

    fn take(&mut self, key: &str, raw: &Raw, origin: String) -> Result<(), SettingsError> {
        match self.set(key, raw) {
            Some(Ok(())) => {
                self.origins.insert(key.to_owned(), origin);
                Ok(())
            }
            Some(Err(allowed)) => Err(SettingsError::new(
                key.to_owned(),
                origin,
                format!("must be {allowed}"),
            )),
            None => {
                let problem = match nearest(key) {
                    Some(known) => format!("no such setting; did you mean {known}?"),
                    None => "no such setting; `maeum config show` lists all".to_owned(),
                };
                Err(SettingsError::new(key.to_owned(), origin, problem))
            }
        }
    }

    /// Where a key came from.
    pub fn origin(&self, key: &str) -> &str {
        self.origins.get(key).map_or("default", String::as_str)
    }

    /// Every setting with its value and origin; secrets are masked.
    pub fn describe(&self) -> Vec<Described> {
        self.walk()
            .into_iter()
            .map(|(section, field, value)| {
                let key = full_key(section, field.name);
                Described {
                    value,
                    origin: self.origin(&key).to_owned(),
                    key,
                }
            })
            .collect()
    }

    /// Every setting there is.
    pub fn keys() -> Vec<Key> {
        Self::default()
            .walk()
            .into_iter()
            .map(|(section, field, default)| Key {
                key: full_key(section, field.name),
                default,
                help: field.help,
                secret: field.secret,
            })
            .collect()
    }
}

fn full_key(section: &str, field: &str) -> String {
    if section.is_empty() {
        field.to_owned()
    } else {
        format!("{section}.{field}")
    }
}

/// A key that has the same last part, for whoever forgot or mistook the section.
fn nearest(key: &str) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().map(str::to_owned);
    let wanted = last(&key.replace('_', "."));
    let plain = |key: &str| key.replace(['.', '_'], "");
    Settings::keys()
        .into_iter()
        .map(|known| known.key)
        .find(|known| {
            plain(known) == plain(key) || last(known) == last(key) || last(known) == wanted
        })
}
