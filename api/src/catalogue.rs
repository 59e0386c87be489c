//! Character types and counselling fields, built in or from files of the operator's.

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::{Settings, SettingsError};

/// Fewer characters than this make no choice.
const MIN_CHARACTERS: usize = 1;

/// Entries of one list at most.
const MAX_ENTRIES: usize = 1_000;

/// Characters of a name or description at most.
const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 1_000;

/// The largest file that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A character that a counsellor plays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Character {
    pub id: u32,
    pub name: String,
    pub description: String,
}

/// What a counsellor knows about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CounselingField {
    pub id: u32,
    pub name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CharactersFile {
    characters: Vec<Character>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldsFile {
    fields: Vec<CounselingField>,
}

/// All characters and fields, in the order of their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    characters: Vec<Character>,
    fields: Vec<CounselingField>,
}

impl Catalogue {
    /// The files that the settings name, else what is built in.
    pub fn load(settings: &Settings) -> Result<Self, SettingsError> {
        let characters = source(
            settings,
            "consultation.characters_file",
            settings.consultation.characters_file.as_deref(),
            include_str!("../catalogue/characters.toml"),
            |text| {
                let file: CharactersFile = toml::from_str(text).map_err(|error| line(&error))?;
                let entries = file.characters.iter().map(|one| (one.id, &*one.name));
                check(entries.collect(), MIN_CHARACTERS)?;
                let long = |one: &&Character| one.description.chars().count() > MAX_DESCRIPTION;
                match file.characters.iter().find(long) {
                    Some(one) => Err(format!("the description of {} is too long", one.id)),
                    None => Ok(file.characters),
                }
            },
        )?;
        let fields = source(
            settings,
            "consultation.fields_file",
            settings.consultation.fields_file.as_deref(),
            include_str!("../catalogue/fields.toml"),
            |text| {
                let file: FieldsFile = toml::from_str(text).map_err(|error| line(&error))?;
                let entries = file.fields.iter().map(|one| (one.id, &*one.name));
                check(entries.collect(), 0).map(|()| file.fields)
            },
        )?;
        Ok(Self { characters, fields })
    }

    pub fn characters(&self) -> &[Character] {
        &self.characters
    }

    pub fn character(&self, id: u32) -> Option<&Character> {
        self.characters.iter().find(|character| character.id == id)
    }

    pub fn fields(&self) -> &[CounselingField] {
        &self.fields
    }

    pub fn field(&self, id: u32) -> Option<&CounselingField> {
        self.fields.iter().find(|field| field.id == id)
    }
}

/// What is read from the file that a setting names, else from what is built in.
pub(crate) fn source<T>(
    settings: &Settings,
    key: &str,
    file: Option<&Path>,
    built_in: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, SettingsError> {
    let wrong = |problem: String| SettingsError::new(key.to_owned(), settings.origin(key), problem);
    let Some(path) = file else {
        return read(built_in).map_err(wrong);
    };
    let in_file = |problem: String| wrong(format!("{}: {problem}", path.display()));
    let unreadable = |error: std::io::Error| in_file(format!("cannot be read: {error}"));
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Err(in_file(format!("is larger than {MAX_FILE_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    read(&text).map_err(in_file)
}

fn check(entries: Vec<(u32, &str)>, least: usize) -> Result<(), String> {
    if !(least..=MAX_ENTRIES).contains(&entries.len()) {
        return Err(format!("must have {least} to {MAX_ENTRIES} entries"));
    }
    let mut seen = HashSet::new();
    for (id, name) in entries {
        if id == 0 || !seen.insert(id) {
            return Err(format!("id {id} must be above 0 and there once"));
        }
        let bad = name.chars().any(char::is_control);
        if bad || name.trim().is_empty() || name.chars().count() > MAX_NAME {
            return Err(format!(
                "the name of {id} must have 1 to {MAX_NAME} characters"
            ));
        }
    }
    Ok(())
}

/// Why a file is not what it must be, in one line.
pub(crate) fn line(error: &toml::de::Error) -> String {
    format!("is not as it must be: {}", error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str, fields: bool) -> Result<Catalogue, SettingsError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut settings = Settings::default();
        let path = Some(file.path().to_owned());
        if fields {
            settings.consultation.fields_file = path;
        } else {
            settings.consultation.characters_file = path;
        }
        Catalogue::load(&settings)
    }

    #[test]
    fn the_built_in_catalogue_is_complete() {
        let catalogue = Catalogue::load(&Settings::default()).unwrap();
        assert_eq!(catalogue.character(1).unwrap().name, "따뜻한 곰돌이");
        assert!(catalogue.characters().len() >= 4);
        assert!(catalogue.fields().len() >= 6);
        assert!(
            catalogue
                .characters()
                .iter()
                .all(|one| !one.description.is_empty())
        );
        assert!(catalogue.character(99_999).is_none());
    }

    #[test]
    fn a_file_replaces_what_is_built_in() {
        let text = "[[characters]]\nid = 7\nname = \"사자\"\ndescription = \"\"";
        let catalogue = with_file(text, false).unwrap();
        assert_eq!(catalogue.characters().len(), 1);
        assert_eq!(catalogue.character(7).unwrap().name, "사자");
        let catalogue = with_file("[[fields]]\nid = 7\nname = \"진로\"", true).unwrap();
        assert_eq!(catalogue.field(7).unwrap().name, "진로");
    }

    #[test]
    fn a_bad_file_is_one_line_that_names_setting_and_file() {
        let entry = |id: i64, name: &str| {
            format!("[[characters]]\nid = {id}\nname = {name:?}\ndescription = \"x\"\n")
        };
        let long = "가".repeat(MAX_NAME + 1);
        for text in [
            "nonsense".to_owned(),
            String::new(),
            "characters = []".to_owned(),
            entry(0, "a"),
            entry(-1, "a"),
            entry(1, " "),
            entry(1, "a\nb"),
            entry(1, &long),
            entry(1, "a") + &entry(1, "b"),
            entry(1, "a") + "colour = \"red\"",
        ] {
            let error = with_file(&text, false).unwrap_err().to_string();
            assert!(error.contains("consultation.characters_file"), "{error}");
            assert!(error.contains("/tmp") && !error.contains('\n'), "{error}");
        }
    }
}
