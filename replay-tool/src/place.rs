//! Where log and keys are, and how they are opened: to read, beside a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::sqlite::SqliteLogReader;
use event_store::{EventStore, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::arguments::PlaceArguments;
use crate::failure::Failure;
use crate::master::master;
use crate::remembered::Remembered;

const EVENT_STORE: &str = "--event-store";
const KEY_STORE: &str = "--key-store";

/// Opens the log.
pub fn log(place: &PlaceArguments) -> Result<Arc<dyn EventStore>, Failure> {
    let path = log_path(place)?;
    there(&path, "log", "--data or --event-store")?;
    Ok(Arc::new(SqliteLogReader::open(&path)?))
}

/// What the engine finds wrong with the file of the log: its pages, and its indexes against its
/// rows. Looks at everything.
pub fn damage_of_log(place: &PlaceArguments) -> Result<Option<String>, Failure> {
    let path = log_path(place)?;
    there(&path, "log", "--data or --event-store")?;
    let check = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|file| file.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)));
    match check {
        Ok(answer) => Ok(Some(answer).filter(|answer: &String| answer != "ok")),
        Err(cause) => match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Ok(Some(cause.to_string()))
            }
            _ => Err(StoreError::Unavailable(cause.to_string()).into()),
        },
    }
}

/// Opens the keys with the master key.
pub fn keys(place: &PlaceArguments) -> Result<Arc<dyn KeyStore>, Failure> {
    let path = keys_path(place)?;
    there(&path, "key store", "--key-store")?;
    let keys = SqliteKeyStore::open_read_only(&path, master(place)?)?;
    Ok(Arc::new(Remembered::new(keys)))
}

/// Whether there is a key store; one that was named has to be there.
pub fn has_keys(place: &PlaceArguments) -> Result<bool, Failure> {
    Ok(place.key_store.is_some() || keys_path(place)?.exists())
}

/// The files that must not be written to, whatever is asked.
pub fn live_files(place: &PlaceArguments) -> Result<[PathBuf; 3], Failure> {
    Ok([
        log_path(place)?,
        keys_path(place)?,
        place.data.join("read.db"),
    ])
}

fn log_path(place: &PlaceArguments) -> Result<PathBuf, Failure> {
    path(
        EVENT_STORE,
        place.event_store.as_deref(),
        place.data.join("events.db"),
    )
}

fn keys_path(place: &PlaceArguments) -> Result<PathBuf, Failure> {
    path(
        KEY_STORE,
        place.key_store.as_deref(),
        place.data.join("keys.db"),
    )
}

fn path(flag: &'static str, url: Option<&str>, embedded: PathBuf) -> Result<PathBuf, Failure> {
    let Some(url) = url else { return Ok(embedded) };
    match url.strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() => Ok(path.into()),
        _ => Err(Failure::UnknownUrl {
            flag,
            url: without_password(url),
        }),
    }
}

/// An address may hold a password, which must not be printed.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            format!("{}…{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

fn there(path: &Path, what: &'static str, flag: &'static str) -> Result<(), Failure> {
    if path.is_file() {
        return Ok(());
    }
    Err(Failure::Missing {
        what,
        path: path.to_owned(),
        flag,
    })
}

#[cfg(test)]
mod tests {
    use super::{path, without_password};

    #[test]
    fn a_store_is_named_by_its_scheme() {
        assert_eq!(
            path("--x", None, "a.db".into()).unwrap().as_os_str(),
            "a.db"
        );
        assert_eq!(
            path("--x", Some("sqlite://b.db"), "".into())
                .unwrap()
                .as_os_str(),
            "b.db"
        );
        assert_eq!(
            path("--x", Some("sqlite:///c"), "".into())
                .unwrap()
                .as_os_str(),
            "/c"
        );
        for url in ["sqlite://", "b.db", "postgres://somewhere/b"] {
            assert!(path("--x", Some(url), "".into()).is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        assert_eq!(
            without_password("postgres://me:secret@host/db"),
            "postgres://…@host/db"
        );
        assert_eq!(without_password("nonsense"), "nonsense");
    }
}
