//! Settings as an operator meets them: sources, mistakes, the example file.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use event_store::Location;

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn from_variables(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::load_from(None, variables(pairs), &[])
}

fn from_file(text: &str) -> Result<Settings, SettingsError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Settings::load_from(Some(file.path()), [], &[])
}

fn flag(name: &'static str, key: &'static str, value: &str) -> Flag {
    Flag {
        name,
        key,
        value: value.to_owned(),
    }
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let settings = Settings::load_from(None, [], &[]).unwrap();
    assert_eq!(settings.server.listen, ["127.0.0.1:8000".parse().unwrap()]);
    assert_eq!(settings.server.data, PathBuf::from("./maeum-data"));
    assert_eq!(settings.auth.access_ttl, Duration::from_hours(1));
    assert_eq!(settings.auth.refresh_ttl, Duration::from_hours(720));
    assert_eq!(
        settings.consultation.waiting_timeout,
        Duration::from_mins(10)
    );
    assert_eq!(settings.live.queue_bytes, 1_048_576);
    assert_eq!(settings.limits.requests_per_minute, 600);
    assert!(!settings.auth.trust_user_id);
    assert!(
        settings
            .describe()
            .iter()
            .all(|setting| setting.origin == "default")
    );
}

#[test]
fn the_example_file_lists_every_setting_with_its_default() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../config.example.toml");
    if std::env::var_os("MAEUM_TEST_WRITE_EXAMPLE").is_some() {
        std::fs::write(&path, Settings::example()).unwrap();
    }
    let file = std::fs::read_to_string(&path).unwrap();
    assert!(
        file == Settings::example(),
        "config.example.toml is out of date; MAEUM_TEST_WRITE_EXAMPLE=1 makes this test write it"
    );
}

#[test]
fn the_example_file_loads_to_the_defaults() {
    let loaded = from_file(&Settings::example()).unwrap();
    let defaults = Settings::default();
    for ((loaded, default), key) in loaded
        .describe()
        .iter()
        .zip(defaults.describe())
        .zip(Settings::keys())
    {
        assert_eq!(loaded.value, default.value, "{}", loaded.key);
        assert_ne!(loaded.origin, "default", "{}", loaded.key);
        assert!(!key.help.trim().is_empty(), "{} has no help", key.key);
    }
}

#[test]
fn a_flag_beats_the_environment_and_that_the_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "[server]\ndata = \"a\"\nlog = \"warn\"\npublic_docs = false\n[live]\nqueue_bytes = 65536",
    )
    .unwrap();
    let settings = Settings::load_from(
        Some(file.path()),
        variables(&[
            ("MAEUM_SERVER__DATA", "b"),
            ("MAEUM_SERVER__LOG", "debug"),
            ("PATH", "x"),
        ]),
        &[flag("--data", "server.data", "c")],
    )
    .unwrap();
    assert_eq!(settings.server.data, PathBuf::from("c"));
    assert_eq!(settings.origin("server.data"), "--data");
    assert_eq!(settings.server.log, "debug");
    assert_eq!(
        settings.origin("server.log"),
        "environment variable MAEUM_SERVER__LOG"
    );
    assert!(!settings.server.public_docs);
    assert_eq!(
        settings.origin("server.public_docs"),
        file.path().display().to_string()
    );
    assert_eq!(settings.live.queue_bytes, 65_536);
}

#[test]
fn a_tests_server_takes_any_free_port_and_its_own_directory() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("test.toml");
    std::fs::write(
        &file,
        "limits.login_per_minute = 0\nauth.argon2_iterations = 1",
    )
    .unwrap();
    let settings = Settings::for_tests(directory.path(), &file).unwrap();
    assert_eq!(settings.server.listen, ["127.0.0.1:0".parse().unwrap()]);
    assert_eq!(settings.server.data, directory.path());
    assert_eq!(
        (
            settings.limits.login_per_minute,
            settings.auth.argon2_iterations
        ),
        (0, 1)
    );
}

#[test]
fn every_kind_of_value_is_read_from_the_environment() {
    let settings = from_variables(&[
        ("MAEUM_LEGACY_TIME_ZONE", "Asia/Seoul"),
        (
            "MAEUM_SERVER__LISTEN",
            r#"["127.0.0.1:8000", "[::1]:3000"]"#,
        ),
        ("MAEUM_SERVER__METRICS_LISTEN", "127.0.0.1:9000"),
        (
            "MAEUM_AUTH__ALLOWED_ORIGINS",
            r#"["https://App.Example.com"]"#,
        ),
        ("MAEUM_AUTH__ACCESS_TTL", "10m"),
        ("MAEUM_AUTH__TRUST_USER_ID", "true"),
        ("MAEUM_LIMITS__TRUSTED_PROXIES", r#"["10.0.0.0/8", "::1"]"#),
        ("MAEUM_LIMITS__LOGIN_PER_MINUTE", "0"),
        ("MAEUM_LIVE__QUEUE_BYTES", "2MiB"),
        ("MAEUM_KEYS__MASTER_FILE", "/srv/secret/master.key"),
        ("MAEUM_TEST_SOMETHING", "of no interest"),
    ])
    .unwrap();
    assert_eq!(
        settings.general.legacy_time_zone.iana_name(),
        Some("Asia/Seoul")
    );
    assert_eq!(settings.server.listen.len(), 2);
    assert_eq!(
        settings.server.metrics_listen,
        Some("127.0.0.1:9000".parse().unwrap())
    );
    assert_eq!(settings.auth.allowed_origins, ["https://app.example.com"]);
    assert_eq!(settings.auth.access_ttl, Duration::from_mins(10));
    assert!(settings.auth.trust_user_id);
    assert_eq!(settings.limits.trusted_proxies.len(), 2);
    assert_eq!(settings.limits.login_per_minute, 0);
    assert_eq!(settings.live.queue_bytes, 2 * 1024 * 1024);
    assert_eq!(
        settings.store_places().master,
        PathBuf::from("/srv/secret/master.key")
    );
}

/// A variable, its value, and what the one line must say.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "MAEUM_AUTH__ACCESS_TTL",
        "soon",
        &["auth.access_ttl", "MAEUM_AUTH__ACCESS_TTL", "\"30s\""],
    ),
    (
        "MAEUM_AUTH__ACCESS_TTL",
        "2d",
        &["auth.access_ttl", "\"1s\" to \"1d\""],
    ),
    (
        "MAEUM_AUTH__ACES_TTL",
        "1h",
        &["auth.aces_ttl", "no such setting"],
    ),
    ("MAEUM_ACCESS_TTL", "1h", &["access_ttl", "auth.access_ttl"]),
    (
        "MAEUM_AUTH_ACCESS_TTL",
        "1h",
        &["did you mean auth.access_ttl"],
    ),
    (
        "MAEUM_SERVER__LISTEN",
        "127.0.0.1:8000",
        &["server.listen", "JSON array"],
    ),
    (
        "MAEUM_SERVER__LISTEN",
        "[]",
        &["server.listen", "at least one"],
    ),
    (
        "MAEUM_SERVER__LISTEN",
        r#"["here"]"#,
        &["server.listen", "127.0.0.1:8000"],
    ),
    (
        "MAEUM_SERVER__PUBLIC_DOCS",
        "yes",
        &["server.public_docs", "true or false"],
    ),
    ("MAEUM_SERVER__DATA", "", &["server.data", "a path"]),
    (
        "MAEUM_SERVER__EVENT_STORE",
        "postgres://h/d",
        &["server.key_store", "must be named"],
    ),
    (
        "MAEUM_SERVER__READ_STORE",
        "postgresql://h/a b",
        &["server.read_store", "white space"],
    ),
    (
        "MAEUM_SERVER__EVENT_STORE",
        "kurrentdb://h",
        &["server.key_store", "must be named"],
    ),
    (
        "MAEUM_SERVER__EVENT_STORE",
        "esdb://h?tls=no",
        &["server.event_store", "tls"],
    ),
    (
        "MAEUM_SERVER__KEY_STORE",
        "kurrentdb://h",
        &["server.key_store", "KurrentDB keeps the log only"],
    ),
    (
        "MAEUM_SERVER__EVENT_STORE",
        "events.db",
        &["server.event_store", "sqlite://PATH"],
    ),
    (
        "MAEUM_SERVER__EVENT_STORE",
        "sqlite:///elsewhere/e.db",
        &["server.key_store", "outside"],
    ),
    ("MAEUM_SERVER__LOG", "a=b=c", &["server.log", "debug"]),
    (
        "MAEUM_AUTH__HS256_SECRET",
        "short-password",
        &["auth.hs256_secret", "32 bytes"],
    ),
    (
        "MAEUM_KEYS__MASTER",
        "short-password",
        &["keys.master", "32 bytes"],
    ),
    (
        "MAEUM_ADMIN__PASSWORD",
        "short-p",
        &["admin.password", "8 characters"],
    ),
    ("MAEUM_ADMIN__EMAIL", "nobody", &["admin.email", "email"]),
    (
        "MAEUM_AUTH__ALLOWED_ORIGINS",
        r#"["*"]"#,
        &["auth.allowed_origins", "https://"],
    ),
    (
        "MAEUM_LIMITS__TRUSTED_PROXIES",
        r#"["10.0.0.0/99"]"#,
        &["limits.trusted_proxies", "10.0.0.0/8"],
    ),
    (
        "MAEUM_LEGACY_TIME_ZONE",
        "Mars/Olympus",
        &["legacy_time_zone", "Asia/Seoul"],
    ),
    (
        "MAEUM_LIVE__QUEUE_BYTES",
        "1KiB",
        &["live.queue_bytes", "\"16KiB\" to \"64MiB\""],
    ),
    (
        "MAEUM_CONSULTATION__MAX_ACTIVE",
        "-1",
        &["consultation.max_active", "whole number"],
    ),
    ("MAEUM_auth__access_ttl", "1h", &["capitals"]),
    (
        "MAEUM_AUTH__REFRESH_TTL",
        "1m",
        &["auth.refresh_ttl", "auth.access_ttl"],
    ),
];

#[test]
fn a_mistake_is_one_line_with_key_origin_and_what_is_allowed() {
    for (name, value, expected) in MISTAKES {
        let line = from_variables(&[(name, value)]).unwrap_err().to_string();
        assert!(!line.contains('\n'), "{line}");
        for part in *expected {
            assert!(
                line.contains(part),
                "{name}={value}: {line} does not say {part}"
            );
        }
        assert!(!line.contains("short-p"), "a secret is never shown: {line}");
    }
}

#[test]
fn mistakes_in_a_file_name_the_file() {
    for (text, expected) in [
        ("[auth]\naccess_ttl = 5", "auth.access_ttl"),
        ("[auth]\nnonsense = 5", "auth.nonsense"),
        ("nonsense = 5", "nonsense"),
        ("[nonsense]\nx = 1", "nonsense.x"),
        ("[auth.access_ttl]\nx = 1", "auth.access_ttl"),
        ("legacy_time_zone = 9", "legacy_time_zone"),
        ("[auth", "line 1"),
        ("[auth]\naccess_ttl = \"1h\"\naccess_ttl = \"2h\"", "line 3"),
    ] {
        let error = from_file(text).unwrap_err();
        let line = error.to_string();
        assert!(
            line.contains(expected) && line.contains("tmp"),
            "{text}: {line}"
        );
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let missing = PathBuf::from("/nonexistent/maeum.toml");
    let line = Settings::load_from(Some(&missing), [], &[])
        .unwrap_err()
        .to_string();
    assert!(line.contains("/nonexistent/maeum.toml"), "{line}");
}

#[test]
fn believing_a_bare_user_id_beyond_loopback_needs_gateways() {
    let open = ("MAEUM_SERVER__LISTEN", r#"["0.0.0.0:8000"]"#);
    let trust = ("MAEUM_AUTH__TRUST_USER_ID", "true");
    let line = from_variables(&[open, trust]).unwrap_err().to_string();
    assert!(
        line.contains("auth.trust_user_id") && line.contains("trusted_gateways"),
        "{line}"
    );
    assert!(from_variables(&[trust]).is_ok());
    assert!(from_variables(&[open]).is_ok());
    let gateways = ("MAEUM_AUTH__TRUSTED_GATEWAYS", r#"["10.1.0.0/16"]"#);
    assert!(from_variables(&[open, trust, gateways]).is_ok());
}

#[test]
fn secrets_are_masked_in_every_description() {
    let secret = "a-secret-of-more-than-thirty-two-bytes!";
    let settings = from_variables(&[
        ("MAEUM_AUTH__HS256_SECRET", secret),
        ("MAEUM_ADMIN__PASSWORD", secret),
        ("MAEUM_KEYS__MASTER", &"ab".repeat(32)),
    ])
    .unwrap();
    let shown = format!("{:?} {settings:?}", settings.describe());
    assert!(
        !shown.contains(secret) && !shown.contains("abab"),
        "{shown}"
    );
    let described = settings.describe();
    let described = described
        .iter()
        .find(|one| one.key == "auth.hs256_secret")
        .unwrap();
    assert_eq!(described.value, "\"********\"");
    assert!(settings.master_key().is_some());
}

#[test]
fn stores_lie_in_the_data_directory_unless_named() {
    let settings = from_variables(&[
        ("MAEUM_SERVER__DATA", "/srv/maeum"),
        ("MAEUM_SERVER__EVENT_STORE", "sqlite:///srv/log/events.db"),
        ("MAEUM_SERVER__KEY_STORE", "sqlite:///srv/keys/keys.db"),
    ])
    .unwrap();
    let places = settings.store_places();
    assert_eq!(places.events, Location::File("/srv/log/events.db".into()));
    assert_eq!(places.keys, Location::File("/srv/keys/keys.db".into()));
    assert_eq!(places.read, Location::File("/srv/maeum/read.db".into()));
    assert_eq!(places.master, PathBuf::from("/srv/maeum/master.key"));
}

#[test]
fn two_stores_are_never_one_file() {
    let error = from_variables(&[(
        "MAEUM_SERVER__READ_STORE",
        "sqlite://./maeum-data/events.db",
    )]);
    assert!(error.unwrap_err().to_string().contains("another file"));
}

#[test]
fn keys_are_never_in_the_database_of_the_log_or_the_read_models() {
    let events = ("MAEUM_SERVER__EVENT_STORE", "postgres://me:secret@h/log");
    let same = "postgres://another@h:5432/log";
    let error = from_variables(&[events, ("MAEUM_SERVER__KEY_STORE", same)]).unwrap_err();
    assert!(error.to_string().contains("another database"), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    let settings = from_variables(&[
        events,
        ("MAEUM_SERVER__READ_STORE", "postgres://me:secret@h/log"),
        ("MAEUM_SERVER__KEY_STORE", "postgres://me:secret@h/keys"),
    ]);
    let shown = settings.unwrap().describe();
    let show = |key| &shown.iter().find(|one| one.key == key).unwrap().value;
    assert_eq!(show("server.read_store"), "\"postgres://me@h/log\"");
}

proptest::proptest! {
    #[test]
    fn no_file_breaks_the_loader(text in "[\\[\\]a-z_.= \"\n0-9]{0,200}") {
        if let Err(error) = from_file(&text) {
            assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn no_variable_breaks_the_loader(
        key in proptest::sample::select(Settings::keys()),
        value in proptest::prelude::any::<String>(),
    ) {
        let name = format!("MAEUM_{}", key.key.replace('.', "__").to_ascii_uppercase());
        if let Err(error) = from_variables(&[(&name, &value)]) {
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }
}
