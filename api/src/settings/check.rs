//! What no single setting can tell: settings that contradict each other.

use event_store::Location;
use secrecy::ExposeSecret;

use super::{Settings, SettingsError};

/// A shared secret for tokens has at least this many bytes, as HS256 asks.
const MIN_HS256_BYTES: usize = 32;

/// A password, the first administrator's too, has at least this many characters.
const MIN_PASSWORD_CHARACTERS: usize = 8;

/// Crisis lines at most, and characters of each: they stand in front of every answer.
const MAX_CRISIS_LINES: usize = 20;
const MAX_CRISIS_LINE_CHARACTERS: usize = 200;

impl Settings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        self.check_listening()?;
        self.check_secrets()?;
        self.check_stores()?;
        self.check_words()?;
        if self.auth.refresh_ttl < self.auth.access_ttl {
            return Err(self.wrong("auth.refresh_ttl", "must not be below auth.access_ttl"));
        }
        if crate::auth::Email::parse(&self.admin.email).is_none() {
            return Err(self.wrong("admin.email", "must be an email address"));
        }
        if crate::telemetry::filter(&self.server.log).is_err() {
            return Err(self.wrong(
                "server.log",
                "must be error, warn, info, debug, trace or off, also by part of the program, \
                 e.g. \"info,api::live=debug\"",
            ));
        }
        Ok(())
    }

    fn check_listening(&self) -> Result<(), SettingsError> {
        if self.server.listen.is_empty() {
            return Err(self.wrong("server.listen", "must name at least one address"));
        }
        let beyond = self
            .server
            .listen
            .iter()
            .find(|address| !address.ip().is_loopback());
        if let Some(address) = beyond
            && self.auth.trust_user_id
            && self.auth.trusted_gateways.is_empty()
        {
            let problem = format!(
                "must be false, or auth.trusted_gateways must name the networks that are \
                 believed, to listen beyond loopback on {address} ({})",
                self.origin("server.listen"),
            );
            return Err(self.wrong("auth.trust_user_id", problem));
        }
        Ok(())
    }

    fn check_secrets(&self) -> Result<(), SettingsError> {
        let exposed = |secret: &Option<secrecy::SecretString>| {
            secret
                .as_ref()
                .map(|secret| secret.expose_secret().to_owned())
        };
        if exposed(&self.auth.hs256_secret).is_some_and(|text| text.len() < MIN_HS256_BYTES) {
            let problem = format!("must have at least {MIN_HS256_BYTES} bytes");
            return Err(self.wrong("auth.hs256_secret", problem));
        }
        if exposed(&self.admin.password)
            .is_some_and(|text| text.chars().count() < MIN_PASSWORD_CHARACTERS)
        {
            let problem = format!("must have at least {MIN_PASSWORD_CHARACTERS} characters");
            return Err(self.wrong("admin.password", problem));
        }
        if let Some(master) = exposed(&self.keys.master) {
            if self.keys.master_file.is_some() {
                return Err(self.wrong("keys.master", "must not be set beside keys.master_file"));
            }
            if super::parse_master_key(&master).is_none() {
                return Err(self.wrong("keys.master", "must be 32 bytes in hexadecimal or base64"));
            }
        }
        Ok(())
    }

    fn check_words(&self) -> Result<(), SettingsError> {
        if self.crisis.lines.is_empty() {
            return Err(self.wrong("crisis.lines", "must name at least one line"));
        }
        let too_long = |line: &String| line.chars().count() > MAX_CRISIS_LINE_CHARACTERS;
        if self.crisis.lines.len() > MAX_CRISIS_LINES || self.crisis.lines.iter().any(too_long) {
            let problem = format!(
                "must be at most {MAX_CRISIS_LINES} lines of at most \
                 {MAX_CRISIS_LINE_CHARACTERS} characters"
            );
            return Err(self.wrong("crisis.lines", problem));
        }
        if self.llm.answer_tokens > self.llm.context_tokens / 2 {
            let problem = "must be at most half of llm.context_tokens, which it is part of";
            return Err(self.wrong("llm.answer_tokens", problem));
        }
        Ok(())
    }

    fn check_stores(&self) -> Result<(), SettingsError> {
        let outside = match &self.server.event_store {
            Some(Location::File(path)) => !path.starts_with(&self.server.data),
            Some(Location::Postgres(_) | Location::Kurrent(_)) => true,
            None => false,
        };
        if outside && self.server.key_store.is_none() {
            let problem = "must be named when the log (server.event_store) is outside server.data";
            return Err(self.wrong("server.key_store", problem));
        }
        let places = self.store_places();
        let (log, keys, read) = (&places.events, &places.keys, &places.read);
        // Log and read models may share a database: each has a schema of its own there.
        for (key, one, other, other_place) in [
            ("server.key_store", keys, "server.event_store", log),
            ("server.key_store", keys, "server.read_store", read),
        ] {
            if let (Location::Postgres(one), Location::Postgres(another)) = (one, other_place)
                && one.is_same_database(another)
            {
                let problem = format!(
                    "must be another database than {other}: whoever copies that must not have the \
                     keys with it"
                );
                return Err(self.wrong(key, problem));
            }
        }
        for (key, one, other, other_place) in [
            ("server.key_store", keys, "server.event_store", log),
            ("server.read_store", read, "server.event_store", log),
            ("server.read_store", read, "server.key_store", keys),
        ] {
            if matches!(one, Location::File(_)) && one == other_place {
                let problem = format!("must be another file than {other}");
                return Err(self.wrong(key, problem));
            }
        }
        Ok(())
    }

    fn wrong(&self, key: &str, problem: impl Into<String>) -> SettingsError {
        SettingsError::new(key.to_owned(), self.origin(key), problem)
    }
}
