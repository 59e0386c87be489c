//! What operators run and read names metrics, settings and alarms that there are.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::{files_below, has_extension, read, root};

const FILES: [&str; 6] = [
    "deploy/Dockerfile",
    "deploy/alerts.yml",
    "deploy/docker-compose.yml",
    "deploy/grafana.json",
    "deploy/maeum.service",
    "deploy/nginx.conf",
];

const PAGE: &str = "docs/operations.md";

/// What Prometheus makes of a histogram.
const PARTS: [&str; 3] = ["_bucket", "_sum", "_count"];

#[test]
fn every_metric_that_is_named_is_one_and_every_one_is_explained() {
    let made = metrics_made();
    assert!(made.len() > 20, "{made:?}");
    for file in FILES {
        for name in words_from(&text(file), "maeum_") {
            let whole = PARTS.iter().find_map(|part| name.strip_suffix(part));
            let name = whole.unwrap_or(&name);
            assert!(made.contains(name), "{file} names {name}");
        }
    }
    let explained = words_from(&text(PAGE), "maeum_");
    let unexplained: Vec<_> = made.difference(&explained).collect();
    assert!(unexplained.is_empty(), "{PAGE} lacks {unexplained:?}");
    let invented: Vec<_> = explained.difference(&made).collect();
    assert!(invented.is_empty(), "{PAGE} explains {invented:?}");
}

#[test]
fn every_alarm_has_its_section_and_every_section_its_alarm() {
    let (alarms, page) = (text("deploy/alerts.yml"), text(PAGE));
    let names = |text: &str, before: &str| {
        let lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix(before));
        lines.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let alarms = names(&alarms, "- alert: ");
    assert!(alarms.len() > 10, "{alarms:?}");
    assert_eq!(alarms, names(&page, "### "));
}

#[test]
fn every_setting_that_is_named_is_one() {
    let example: toml::Table = text("config.example.toml").parse().unwrap();
    let mut named = 0;
    for file in FILES.into_iter().chain([PAGE]) {
        for word in words_from(&text(file), "MAEUM_") {
            let path = word.strip_prefix("MAEUM_").unwrap().to_lowercase();
            let (section, key) = path.split_once("__").unwrap_or_else(|| panic!("{word}"));
            assert!(
                example
                    .get(section)
                    .is_some_and(|keys| keys.get(key).is_some()),
                "{file} names {word}"
            );
            named += 1;
        }
    }
    assert!(named > 5, "{named}");
}

#[test]
fn each_panel_of_the_dashboard_has_a_place_and_asks_for_something() {
    let board: Value = serde_json::from_str(&text("deploy/grafana.json")).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let mut places = BTreeSet::new();
    for panel in panels {
        let at = &panel["gridPos"];
        assert!(
            places.insert((at["x"].as_u64(), at["y"].as_u64())),
            "{panel}"
        );
        assert!(at["x"].as_u64().unwrap() + at["w"].as_u64().unwrap() <= 24);
        assert!(!panel["targets"].as_array().unwrap().is_empty());
    }
}

#[test]
fn systemd_takes_the_unit() {
    let unit = text("deploy/maeum.service");
    let program = "/usr/local/bin/maeum";
    assert!(unit.contains(program));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("maeum.service");
    // It is looked for where it is to be, and is not there.
    std::fs::write(&file, unit.replace(program, "/bin/true")).unwrap();
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&file)
        .output();
    let verified = verified.expect("systemd-analyze is missing (Debian package systemd)");
    let said = String::from_utf8_lossy(&verified.stderr);
    let ours: Vec<_> = said.lines().filter(|line| line.contains("maeum")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{said}");
}

/// The first argument of each macro of the crate `metrics`.
fn metrics_made() -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    let sources = ["api/src", "event-store/src", "projections/src"];
    for file in sources
        .iter()
        .flat_map(|folder| files_below(&root().join(folder)))
    {
        if !has_extension(&file, "rs") {
            continue;
        }
        let code = read(&file);
        for kind in ["counter!(", "gauge!(", "histogram!("] {
            let names = code.split(kind).skip(1).filter_map(|after| {
                let name = after.trim_start().strip_prefix('"')?.split('"').next()?;
                (!name.starts_with("maeum_test_")).then(|| name.to_owned())
            });
            made.extend(names);
        }
    }
    made
}

/// Words that begin so.
fn words_from(text: &str, start: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words
        .filter(|word| word.starts_with(start))
        .map(str::to_owned)
        .collect()
}

fn text(file: &str) -> String {
    read(&root().join(file))
}
