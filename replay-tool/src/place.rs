//! Where log, keys and read models are, and how they are opened: to read, beside a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_store::keys::{KeyBytes, KeyError, KeyStore, PostgresKeyStore, SqliteKeyStore};
#[cfg(feature = "kurrentdb")]
use event_store::kurrentdb::KurrentLogReader;
use event_store::postgres::PostgresLogReader;
use event_store::sqlite::SqliteLogReader;
use event_store::{EventStore, Location};

use crate::arguments::PlaceArguments;
use crate::failure::Failure;
use crate::master::master;
use crate::remembered::Remembered;

/// Opens the log.
pub async fn log(place: &PlaceArguments) -> Result<Arc<dyn EventStore>, Failure> {
    log_at(&log_location(place)?).await
}

/// Opens the log that is there.
pub async fn log_at(location: &Location) -> Result<Arc<dyn EventStore>, Failure> {
    match location {
        Location::File(path) => {
            there(path, "log", "--data or --event-store")?;
            Ok(Arc::new(SqliteLogReader::open(path)?))
        }
        Location::Postgres(url) => Ok(Arc::new(PostgresLogReader::open(url).await?)),
        #[cfg(feature = "kurrentdb")]
        Location::Kurrent(url) => Ok(Arc::new(KurrentLogReader::open(url).await?)),
        #[cfg(not(feature = "kurrentdb"))]
        Location::Kurrent(_) => Err(Failure::NoKurrent),
    }
}

/// Opens the keys with the master key.
pub async fn keys(place: &PlaceArguments) -> Result<Arc<dyn KeyStore>, Failure> {
    keys_at(&keys_location(place)?, master(place)?).await
}

/// Opens the keys that are there.
pub async fn keys_at(location: &Location, master: KeyBytes) -> Result<Arc<dyn KeyStore>, Failure> {
    match location {
        Location::File(path) => {
            there(path, "key store", "--key-store")?;
            let keys = SqliteKeyStore::open_read_only(path, master)?;
            Ok(Arc::new(Remembered::new(keys)))
        }
        Location::Postgres(url) => {
            let url = url.clone();
            let opening = move || PostgresKeyStore::open_read_only(&url, master);
            let opened = tokio::task::spawn_blocking(opening).await;
            let keys = opened.map_err(|cause| KeyError::Unavailable(cause.to_string()))??;
            Ok(Arc::new(Remembered::new(keys)))
        }
        Location::Kurrent(_) => Err(Failure::OnlyEvents),
    }
}

/// Whether there is a key store; one that was named has to be there.
pub fn has_keys(place: &PlaceArguments) -> Result<bool, Failure> {
    Ok(place.key_store.is_some()
        || match keys_location(place)? {
            Location::File(path) => path.exists(),
            Location::Postgres(_) | Location::Kurrent(_) => true,
        })
}

/// The files that must not be written to, whatever is asked.
pub fn live_files(place: &PlaceArguments) -> Result<Vec<PathBuf>, Failure> {
    let locations = [
        log_location(place)?,
        keys_location(place)?,
        read_location(place)?,
    ];
    Ok(locations
        .into_iter()
        .filter_map(|location| match location {
            Location::File(path) => Some(path),
            Location::Postgres(_) | Location::Kurrent(_) => None,
        })
        .collect())
}

/// Where the log is.
pub fn log_location(place: &PlaceArguments) -> Result<Location, Failure> {
    let url = place.event_store.as_deref();
    location_or_file("--event-store", url, place, "events.db")
}

/// Where the keys are.
pub fn keys_location(place: &PlaceArguments) -> Result<Location, Failure> {
    let url = place.key_store.as_deref();
    location_or_file("--key-store", url, place, "keys.db")
}

/// Where the live read models are.
pub fn read_location(place: &PlaceArguments) -> Result<Location, Failure> {
    let url = place.read_store.as_deref();
    location_or_file("--read-store", url, place, "read.db")
}

fn location_or_file(
    flag: &'static str,
    url: Option<&str>,
    place: &PlaceArguments,
    file: &str,
) -> Result<Location, Failure> {
    url.map_or_else(
        || Ok(Location::File(place.data.join(file))),
        |url| location(flag, url),
    )
}

/// What a flag names.
pub fn location(flag: &'static str, url: &str) -> Result<Location, Failure> {
    url.parse().map_err(|cause| Failure::UnknownUrl {
        flag,
        url: without_password(url),
        cause,
    })
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

/// Fails where no file is at `path`.
pub fn there(path: &Path, what: &'static str, flag: &'static str) -> Result<(), Failure> {
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
    use super::{location, without_password};

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        assert_eq!(
            without_password("postgres://me:secret@host/db"),
            "postgres://…@host/db"
        );
        assert_eq!(without_password("nonsense"), "nonsense");
        let refused = location("--x", "postgres://me:secret@a b/c");
        assert!(!format!("{refused:?}").contains("secret"));
    }
}
