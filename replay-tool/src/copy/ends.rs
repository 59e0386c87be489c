//! The stores that are copied from and to, open.

use std::sync::Arc;

use event_store::keys::{KeyBytes, KeyStore, PostgresKeyStore, SqliteKeyStore};
#[cfg(feature = "kurrentdb")]
use event_store::kurrentdb::KurrentImport;
use event_store::postgres::PostgresImport;
use event_store::sqlite::SqliteImport;
use event_store::{EventStore, Import, Location};

use crate::arguments::{CopyArguments, PlaceArguments};
use crate::failure::Failure;
use crate::scratch::is_live;
use crate::{master, place};

pub struct Ends {
    pub from: Location,
    pub to: Location,
    pub source: Arc<dyn EventStore>,
    pub source_keys: Arc<dyn KeyStore>,
    pub import: Box<dyn Import>,
    /// What was imported, read back.
    pub target: Arc<dyn EventStore>,
    pub target_keys: Box<dyn KeyStore>,
}

impl Ends {
    /// Opens the source to read and the target to write, which is made if it is not there.
    pub async fn open(place: &PlaceArguments, options: &CopyArguments) -> Result<Self, Failure> {
        let from = match options.from.as_deref() {
            Some(url) => place::location("--from", url)?,
            None => place::log_location(place)?,
        };
        let from_keys = match options.from_keys.as_deref() {
            Some(url) => place::location("--from-keys", url)?,
            None => place::keys_location(place)?,
        };
        let to = place::location("--to", &options.to)?;
        let to_keys = place::location("--to-keys", &options.to_keys)?;
        refuse_same(&from, &to, "--to")?;
        refuse_same(&from_keys, &to_keys, "--to-keys")?;

        let source_master = match &options.from_master_file {
            Some(file) => master::of_file(file)?,
            None => master::master(place)?,
        };
        let target_master = match &options.to_master_file {
            Some(file) => master::of_file(file)?,
            None => source_master.clone(),
        };
        let source = place::log_at(&from).await?;
        let source_keys = place::keys_at(&from_keys, source_master).await?;
        let target_keys = keys_to_write(&to_keys, target_master)?;
        let import = log_to_write(&to).await?;
        let target = place::log_at(&to).await?;
        Ok(Self {
            from,
            to,
            source,
            source_keys,
            import,
            target,
            target_keys,
        })
    }
}

async fn log_to_write(to: &Location) -> Result<Box<dyn Import>, Failure> {
    match to {
        Location::File(path) => Ok(Box::new(SqliteImport::open(path)?)),
        Location::Postgres(url) => Ok(Box::new(PostgresImport::open(url).await?)),
        #[cfg(feature = "kurrentdb")]
        Location::Kurrent(url) => Ok(Box::new(KurrentImport::open(url).await?)),
        #[cfg(not(feature = "kurrentdb"))]
        Location::Kurrent(_) => Err(Failure::NoKurrent),
    }
}

fn keys_to_write(to: &Location, master: KeyBytes) -> Result<Box<dyn KeyStore>, Failure> {
    match to {
        Location::File(path) => Ok(Box::new(SqliteKeyStore::open(path, master)?)),
        Location::Postgres(url) => Ok(Box::new(PostgresKeyStore::open(url, master)?)),
        Location::Kurrent(_) => Err(Failure::OnlyEvents),
    }
}

/// A store is not copied onto itself.
fn refuse_same(from: &Location, to: &Location, flag: &'static str) -> Result<(), Failure> {
    let same = match (from, to) {
        (Location::File(from), Location::File(to)) => is_live(std::slice::from_ref(from), to),
        (Location::Postgres(from), Location::Postgres(to)) => from.is_same_database(to),
        (Location::Kurrent(from), Location::Kurrent(to)) => from.is_same_log(to),
        (Location::File(_) | Location::Postgres(_) | Location::Kurrent(_), _) => false,
    };
    if same {
        return Err(Failure::Target(format!("{flag} {to} is the source itself")));
    }
    Ok(())
}
