//! The file of rules, as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::{Part, parts};

/// Phrases that one line of the file may stand for.
const MAX_EXPANDED: usize = 5_000;

/// A rule: phrases, and those in which they mean something else.
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) any: Vec<Vec<Part>>,
    pub(super) unless: Vec<Vec<Part>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    rule: Vec<RuleOfFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleOfFile {
    id: String,
    any: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

/// Reads a file of rules.
pub(super) fn read(text: &str) -> Result<Vec<Rule>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let phrases = |lines: &[String]| -> Result<Vec<Vec<Part>>, String> {
        let mut all = Vec::new();
        for line in lines {
            for phrase in expanded(line, &file.words)? {
                all.push(parts(&phrase)?);
            }
        }
        Ok(all)
    };
    let rules: Vec<Rule> = file
        .rule
        .iter()
        .map(|rule| {
            let (any, unless) = (phrases(&rule.any)?, phrases(&rule.unless)?);
            let id = rule.id.clone();
            Ok(Rule { id, any, unless })
        })
        .collect::<Result<_, String>>()?;
    if rules.is_empty() || rules.iter().any(|rule| rule.any.is_empty()) {
        return Err("there must be rules, each with phrases".to_owned());
    }
    Ok(rules)
}

/// A line with each `{name}` replaced by each of the words of that name.
fn expanded(line: &str, words: &BTreeMap<String, Vec<String>>) -> Result<Vec<String>, String> {
    let mut all = vec![String::new()];
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("{line:?} has no }}"))?;
        let choices = words
            .get(name)
            .ok_or_else(|| format!("{line:?}: no words {name:?}"))?;
        all = all
            .iter()
            .flat_map(|start| {
                choices
                    .iter()
                    .map(move |word| format!("{start}{before}{word}"))
            })
            .collect();
        if all.len() > MAX_EXPANDED {
            return Err(format!(
                "{line:?} stands for more than {MAX_EXPANDED} phrases"
            ));
        }
        rest = after;
    }
    for phrase in &mut all {
        phrase.push_str(rest);
    }
    Ok(all)
}
