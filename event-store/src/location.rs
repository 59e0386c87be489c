//! Where a store is: a file of the embedded engine, a PostgreSQL database, or a KurrentDB log.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::kurrentdb::KurrentUrl;
use crate::postgres::PostgresUrl;

/// An address that does not name a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    #[error("the address must begin with \"sqlite://\", \"postgres://\" or \"kurrentdb://\"")]
    Scheme,
    #[error("\"sqlite://\" needs a path")]
    Path,
    #[error("the address of a PostgreSQL database is wrong: {0}")]
    Postgres(String),
    #[error("the address of a KurrentDB log is wrong: {0}")]
    Kurrent(String),
}

/// Where a store is. Shown without a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    File(PathBuf),
    Postgres(PostgresUrl),
    /// Only of events.
    Kurrent(KurrentUrl),
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        match text.split_once("://") {
            Some(("sqlite", path)) if path.is_empty() || path.contains('\0') => {
                Err(LocationError::Path)
            }
            Some(("sqlite", path)) => Ok(Self::File(path.into())),
            Some(("postgres" | "postgresql", _)) => text.parse().map(Self::Postgres),
            Some(("kurrentdb" | "esdb", _)) => text.parse().map(Self::Kurrent),
            _ => Err(LocationError::Scheme),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
            Self::Kurrent(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_named_by_its_scheme() {
        for (text, path) in [("sqlite://b.db", "b.db"), ("sqlite:///c", "/c")] {
            assert_eq!(text.parse(), Ok(Location::File(path.into())));
        }
        for text in ["postgres://somewhere/b", "postgresql://u:p@[::1]:5433/b"] {
            assert!(matches!(text.parse(), Ok(Location::Postgres(_))), "{text}");
        }
        for text in ["kurrentdb://x", "esdb://u:p@x,y/log?tls=false"] {
            assert!(matches!(text.parse(), Ok(Location::Kurrent(_))), "{text}");
        }
        for text in ["", "sqlite://", "b.db", "kurrentdb://", "postgres://a b"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let url: Location = "postgres://me:secret@host:5433/db".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://me@host:5433/db");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
