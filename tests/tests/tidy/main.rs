//! Rules about the code itself: arrows between crates, dialects apart, the catalogue of events,
//! and that the repository stands alone.

mod deploy;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use domain::Event;
use serde_json::Value;

/// Which crates of the workspace a crate may use, in its tests as well.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("kurrentdb-double", &[]),
    ("test-support", &["kurrentdb-double"]),
    ("event-store", &["kurrentdb-double", "test-support"]),
    ("migrations", &[]),
    (
        "projections",
        &["domain", "event-store", "migrations", "test-support"],
    ),
    (
        "api",
        &[
            "domain",
            "event-store",
            "migrations",
            "projections",
            "test-support",
        ],
    ),
    (
        "replay-tool",
        &[
            "domain",
            "event-store",
            "migrations",
            "projections",
            "api",
            "test-support",
        ],
    ),
    (
        "bench",
        &[
            "domain",
            "event-store",
            "migrations",
            "projections",
            "api",
            "test-support",
        ],
    ),
    (
        "tests",
        &[
            "domain",
            "event-store",
            "migrations",
            "projections",
            "api",
            "replay-tool",
            "test-support",
        ],
    ),
];

#[test]
fn crates_use_only_the_crates_below_them() {
    let members = workspace_members();
    for member in &members {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == name_of(member))
            .unwrap_or_else(|| panic!("{member} is in the workspace and not in ARROWS"));
        for used in workspace_crates_used_by(&root().join(member)) {
            assert!(
                allowed.contains(&used.as_str()),
                "{member} uses {used}; it may use {allowed:?}"
            );
        }
    }
    assert!(members.len() > 5, "the workspace's members were not found");
}

#[test]
fn a_dialect_knows_no_other_dialect() {
    let dialects = root().join("api/src/dialects");
    let folders: Vec<PathBuf> = entries(&dialects)
        .into_iter()
        .filter(|p| p.is_dir())
        .collect();
    assert!(
        !folders.is_empty(),
        "there are no dialects in {}",
        dialects.display()
    );
    let names: Vec<String> = folders.iter().map(|folder| file_name(folder)).collect();
    for folder in &folders {
        let own = file_name(folder);
        for file in files_below(folder)
            .into_iter()
            .filter(|file| has_extension(file, "rs"))
        {
            let ups = steps_up_to(&dialects, &file);
            for path in paths_in(&without_comments(&read(&file))) {
                if let Some(other) = dialect_named_by(&path, ups) {
                    assert!(
                        other == own || !names.iter().any(|name| name == other),
                        "{} names another dialect: {}",
                        relative(&file),
                        path.join("::")
                    );
                }
            }
        }
    }
}

#[test]
fn the_paths_of_a_use_tree_are_all_found() {
    let paths = paths_in("use crate::dialects::{chat::rows, self as d, feed}; super::x::y();");
    let dialects: Vec<_> = paths
        .iter()
        .filter_map(|path| dialect_named_by(path, 1))
        .collect();
    assert_eq!(dialects, ["chat", "self", "feed", "x"]);
}

#[test]
fn every_event_has_a_section_in_the_event_catalogue_page() {
    let page = read(&root().join("docs/events.md"));
    let documented: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let stored: BTreeSet<String> = samples().into_keys().collect();
    for (event_type, version) in Event::catalogue() {
        let name = format!("{event_type}@{version}");
        assert!(
            documented.contains(name.as_str()),
            "docs/events.md has no section {name}"
        );
        assert!(
            stored.contains(&name),
            "domain/stored has no sample of {name}"
        );
    }
    for name in &documented {
        assert!(
            stored.contains(*name),
            "docs/events.md has a section {name}, an unknown event"
        );
    }
}

#[test]
fn every_field_of_an_event_is_explained_in_its_section() {
    let page = read(&root().join("docs/events.md"));
    for (name, sample) in samples() {
        let heading = format!("### {name}\n");
        let (_, after) = page
            .split_once(&heading)
            .unwrap_or_else(|| panic!("docs/events.md has no section {name}"));
        let section = after.split("\n#").next().unwrap_or_default();
        let mut fields = BTreeSet::new();
        collect_fields(&sample["payload"], &mut fields);
        collect_fields(&sample["parts"], &mut fields);
        for field in fields {
            assert!(
                section.contains(&format!("`{field}`")),
                "docs/events.md does not explain `{field}` of {name}"
            );
        }
    }
}

#[test]
fn every_stored_sample_is_of_a_known_type_and_no_version_to_come() {
    let current: BTreeMap<&str, &str> = Event::catalogue().into_iter().collect();
    for name in samples().keys() {
        let (event_type, version) = name
            .split_once('@')
            .expect("samples are named type@version");
        let newest = current
            .get(event_type)
            .unwrap_or_else(|| panic!("domain/stored/{name}.json is of an unknown type"));
        assert!(
            triple(version) <= triple(newest),
            "domain/stored/{name}.json is newer than the catalogue's {newest}"
        );
    }
}

#[test]
fn the_repository_stands_alone() {
    // Put together here, so that this file does not name them.
    let forbidden = [
        ["../", "shared"],
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/tmp/", "brief"],
        ["registry.", "npmjs"],
        ["pypi", ".org"],
        ["files.", "pythonhosted"],
        ["index.", "crates"],
        ["static.", "crates"],
        ["crates", ".io/"],
        ["proxy.", "golang"],
        ["deb.", "debian"],
    ]
    .map(|halves| halves.concat());
    for (file, text) in texts() {
        for name in &forbidden {
            if let Some(line) = text.lines().position(|line| line.contains(name.as_str())) {
                panic!("{}:{} names {name}", relative(&file), line + 1);
            }
        }
    }
}

#[test]
fn dependencies_come_from_the_public_index_only() {
    let lock: toml::Table = read(&root().join("Cargo.lock"))
        .parse()
        .expect("Cargo.lock");
    let index = ["registry+https://github.com/rust-lang/crates", ".io-index"].concat();
    for package in lock["package"].as_array().expect("packages") {
        if let Some(source) = package.get("source").and_then(toml::Value::as_str) {
            assert_eq!(source, index, "{} comes from elsewhere", package["name"]);
        }
    }
}

#[test]
fn every_source_file_says_first_what_it_is_for() {
    for (file, text) in texts()
        .into_iter()
        .filter(|(file, _)| has_extension(file, "rs"))
    {
        assert!(
            text.starts_with("//! "),
            "{} does not begin with `//! `",
            relative(&file)
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    let markers = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["#[ig", "nore"],
        ["unimple", "mented!"],
    ]
    .map(|halves| halves.concat());
    for (file, text) in texts() {
        for marker in &markers {
            if let Some(line) = text.lines().position(|line| line.contains(marker.as_str())) {
                panic!("{}:{} has {marker}", relative(&file), line + 1);
            }
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

fn workspace_members() -> Vec<String> {
    let manifest: toml::Table = read(&root().join("Cargo.toml"))
        .parse()
        .expect("Cargo.toml");
    let members = manifest["workspace"]["members"]
        .as_array()
        .expect("members");
    members
        .iter()
        .map(|member| member.as_str().expect("a folder").to_owned())
        .collect()
}

/// The crate in a folder of the workspace.
fn name_of(folder: &str) -> String {
    let manifest: toml::Table = read(&root().join(folder).join("Cargo.toml"))
        .parse()
        .expect("Cargo.toml");
    manifest["package"]["name"]
        .as_str()
        .expect("a name")
        .to_owned()
}

fn workspace_crates_used_by(folder: &Path) -> Vec<String> {
    let manifest: toml::Table = read(&folder.join("Cargo.toml"))
        .parse()
        .expect("Cargo.toml");
    let mut used = Vec::new();
    collect_dependencies(&manifest, &mut used);
    used.retain(|name| ARROWS.iter().any(|(crate_name, _)| crate_name == name));
    used
}

/// Names in every table of dependencies, those of single targets included.
fn collect_dependencies(table: &toml::Table, names: &mut Vec<String>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else {
            continue;
        };
        if key == "dependencies" || key.ends_with("-dependencies") {
            names.extend(inner.keys().cloned());
        } else {
            collect_dependencies(inner, names);
        }
    }
}

/// Every `a::b::c` of a source, with `use` trees written out.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_word(&tokens[at]) {
            at = take_path(&tokens, at, &mut Vec::new(), &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

/// Reads one path, or a tree of them, from `at`, and gives where it ended.
fn take_path(
    tokens: &[String],
    mut at: usize,
    before: &mut Vec<String>,
    paths: &mut Vec<Vec<String>>,
) -> usize {
    let depth = before.len();
    loop {
        before.push(tokens[at].clone());
        at += 1;
        if tokens.get(at).map(String::as_str) != Some("::") {
            paths.push(before.clone());
            break;
        }
        at += 1;
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while at < tokens.len() && tokens[at] != "}" {
                    at = match tokens[at].as_str() {
                        "as" => at + 2,
                        word if is_word(word) => take_path(tokens, at, before, paths),
                        _ => at + 1,
                    };
                }
                at += 1;
                break;
            }
            Some(next) if is_word(next) => {}
            _ => {
                paths.push(before.clone());
                break;
            }
        }
    }
    before.truncate(depth);
    at
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_alphanumeric() || character == '_' {
            let mut word = String::from(character);
            while let Some(next) = characters.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(next);
            }
            tokens.push(word);
        } else if character == ':' && characters.next_if_eq(&':').is_some() {
            tokens.push("::".to_owned());
        } else if !character.is_whitespace() {
            tokens.push(character.to_string());
        }
    }
    tokens
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// What a path names in the folder of the dialects, seen from a module `ups` below it, or from
/// a module written inside that one.
fn dialect_named_by(path: &[String], ups: usize) -> Option<&str> {
    let supers = path
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    if supers > 0 && (supers == ups || supers == ups + 1) {
        return path.get(supers).map(String::as_str);
    }
    let at = path.iter().position(|segment| segment == "dialects")?;
    path.get(at + 1).map(String::as_str)
}

/// How often `super` leads from the module of `file` to the module of `folder`.
fn steps_up_to(folder: &Path, file: &Path) -> usize {
    let below = file
        .strip_prefix(folder)
        .expect("a file in the folder")
        .components()
        .count();
    if file.ends_with("mod.rs") {
        below - 1
    } else {
        below
    }
}

fn without_comments(code: &str) -> String {
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The stored samples by `type@version`.
fn samples() -> BTreeMap<String, Value> {
    let folder = root().join("domain/stored");
    let samples: BTreeMap<String, Value> = entries(&folder)
        .into_iter()
        .map(|file| {
            let name = file_name(&file);
            let name = name
                .strip_suffix(".json")
                .unwrap_or_else(|| panic!("{name} is no sample"));
            let sample = serde_json::from_str(&read(&file)).expect("a sample is JSON");
            (name.to_owned(), sample)
        })
        .collect();
    assert!(
        !samples.is_empty(),
        "there are no samples in {}",
        folder.display()
    );
    samples
}

fn collect_fields(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                fields.insert(key.clone());
                collect_fields(inner, fields);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_fields(item, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn triple(version: &str) -> Vec<u64> {
    let numbers: Vec<u64> = version
        .split('.')
        .map(|part| part.parse().expect("a version is x.y.z"))
        .collect();
    assert_eq!(numbers.len(), 3, "{version} is not x.y.z");
    numbers
}

/// Every text of the repository, but the lock file of Cargo, which has a test of its own.
fn texts() -> Vec<(PathBuf, String)> {
    let files = files_below(&root())
        .into_iter()
        .filter(|file| file_name(file) != "Cargo.lock");
    files
        .filter_map(|file| Some((file.clone(), fs::read_to_string(&file).ok()?)))
        .collect()
}

/// What git does not keep, and git itself.
fn is_left_out(path: &Path) -> bool {
    let ignored = read(&root().join(".gitignore"));
    let name = file_name(path);
    name == ".git"
        || ignored
            .lines()
            .any(|pattern| match pattern.strip_prefix('*') {
                Some(end) => name.ends_with(end),
                None => name == pattern,
            })
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in entries(folder)
        .into_iter()
        .filter(|path| !is_left_out(path))
    {
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root())
        .unwrap_or(file)
        .display()
        .to_string()
}
