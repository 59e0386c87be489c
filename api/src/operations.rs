//! What operators do beside serving: examine, migrate, back up, rotate keys.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use event_store::Location;
use event_store::keys::SqliteKeyStore;
use event_store::sqlite::SqliteEventStore;
use projections::Sql;

use crate::auth::SigningKeys;
use crate::clock::{Clock, Ids, SystemIds};
use crate::master;
use crate::settings::Settings;
use crate::settings::cli::BackupTarget;
use crate::start::StartError;
use crate::stores::{ReadModels, Stores, open_leases, open_stores};

/// Room on the disk below which `doctor` warns.
const LOW_DISK_BYTES: u64 = 1 << 30;

/// What read models there are.
const CHECKPOINTS: Sql = Sql::Shared("SELECT projection FROM checkpoints");

/// Examines stores, keys and disk, a line each; exit 0 if all is well, 1 if not.
pub async fn doctor(settings: &Settings, clock: &Arc<dyn Clock>) -> ExitCode {
    let mut well = true;
    let mut say = |fine: bool, what: String| {
        println!("{} {what}", if fine { "ok  " } else { "FAIL" });
        well &= fine;
    };
    let places = settings.store_places();
    say(
        true,
        format!("settings: data in {}", settings.server.data.display()),
    );
    let beside = |folder| matches!(&places.keys, Location::File(keys) if keys.parent() == folder);
    let apart = settings.keys.master.is_some() || !beside(places.master.parent());
    let place = if apart {
        "kept apart from the keys"
    } else {
        "in the data folder; better elsewhere"
    };
    say(true, format!("master key: {place}"));
    say(true, format!("SQLite {}", rusqlite::version()));
    match open_stores(settings, clock).await {
        Err(error) => say(false, error.0),
        Ok(Stores { log, keys }) => {
            let events = log.store();
            match events.head().await {
                Ok(head) => say(true, format!("log: {head} events in {}", places.events)),
                Err(error) => say(false, format!("log: {error}")),
            }
            let capabilities = events.capabilities();
            say(
                true,
                format!(
                    "event store {}: several streams at once {}, several writers {}",
                    capabilities.name,
                    if capabilities.atomic_across_streams {
                        "atomic"
                    } else {
                        "compensated"
                    },
                    if capabilities.many_writers {
                        "yes"
                    } else {
                        "no"
                    },
                ),
            );
            match keys.secret_names("") {
                Ok(names) => say(
                    true,
                    format!("keys: {} secrets, the master key opens them", names.len()),
                ),
                Err(error) => say(false, format!("keys: {error}")),
            }
            log.close().await;
        }
    }
    match ReadModels::open(settings).await {
        Err(error) => say(false, error.0),
        Ok(read) => {
            let asked = read.store().query(CHECKPOINTS, Vec::new()).await;
            match asked {
                Ok(all) => say(
                    true,
                    format!("read models: {} in {}", all.len(), places.read),
                ),
                Err(error) => say(false, format!("read models: {error}")),
            }
            read.close().await;
        }
    }
    match free_bytes(&settings.server.data) {
        Ok(free) => say(
            free >= LOW_DISK_BYTES,
            format!("disk: {} MiB free", free >> 20),
        ),
        Err(error) => say(false, format!("disk: {error}")),
    }
    if settings.auth.trust_user_id {
        say(
            true,
            "auth.trust_user_id is on: a bare user_id is believed".to_owned(),
        );
    }
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn free_bytes(path: &Path) -> Result<u64, String> {
    let status = rustix::fs::statvfs(path).map_err(|error| error.to_string())?;
    Ok(status.f_bavail.saturating_mul(status.f_frsize))
}

/// Brings all stores to this version's tables; on PostgreSQL one node at a time, beside servers that
/// run. Read models are made anew at the next start where their shape changed.
pub async fn migrate(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<ExitCode, StartError> {
    let Stores { log, keys: _ } = open_stores(settings, clock).await?;
    log.close().await;
    open_leases(settings, SystemIds.next()).await?;
    ReadModels::open(settings).await?.close().await;
    ReadModels::open_search(settings).await?.close().await;
    ReadModels::open_analytics(settings).await?.close().await;
    println!("the stores have this version's tables");
    Ok(ExitCode::SUCCESS)
}

/// Wraps every key with a new master key, written to the master key's file; the old file is kept
/// beside it until the operator removes it.
pub async fn rotate_master(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Result<ExitCode, StartError> {
    if settings.keys.master.is_some() {
        return Err(StartError(
            "keys.master holds the master key; put it into a file and name that as \
             keys.master_file to rotate it"
                .to_owned(),
        ));
    }
    let stores = open_stores(settings, clock).await?;
    let path = settings.store_places().master;
    let next = path.with_extension("next");
    let key = master::random_key()?;
    master::write_new(&next, &key).map_err(|error| {
        StartError::because(format!("{} cannot be written", next.display()), error)
    })?;
    stores
        .keys
        .rotate_master(key)
        .map_err(|error| StartError::because("the keys were not re-wrapped", error))?;
    let old = path.with_extension("old");
    std::fs::rename(&path, &old)
        .and_then(|()| std::fs::rename(&next, &path))
        .map_err(|error| {
            StartError::because(
                format!("the new master key is in {}", next.display()),
                error,
            )
        })?;
    println!(
        "every key is wrapped by the new master key in {}",
        path.display()
    );
    println!(
        "the old one is in {}: remove it when no backup of the keys needs it",
        old.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Signs new tokens with a new key.
pub async fn rotate_signing(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Result<ExitCode, StartError> {
    let stores = open_stores(settings, clock).await?;
    let ids = Arc::new(SystemIds);
    let failed = |error| StartError::because("the signing keys", error);
    let keys = SigningKeys::load(
        stores.keys,
        Arc::clone(clock),
        ids,
        settings.auth.access_ttl,
    )
    .map_err(failed)?;
    keys.rotate().map_err(failed)?;
    println!("new tokens are signed with a new key; the old one verifies until they have expired");
    Ok(ExitCode::SUCCESS)
}

/// Copies log or keys, as they are at one moment, beside a running server.
pub fn backup(settings: &Settings, what: &BackupTarget) -> Result<ExitCode, StartError> {
    let places = settings.store_places();
    let failed = |error: &dyn std::fmt::Display| StartError::because("the backup failed", error);
    if let Some(folder) = &what.log {
        let source = file(&places.events)?;
        let target = target(folder, "events.db")?;
        let head = SqliteEventStore::backup(source, &target).map_err(|error| failed(&error))?;
        println!("{} holds the log up to position {head}", target.display());
    }
    if let Some(folder) = &what.keys {
        let source = file(&places.keys)?;
        let target = target(folder, "keys.db")?;
        let key = match settings.master_key() {
            Some(key) => key,
            None => master::read_or_make(&places.master, false)?,
        };
        SqliteKeyStore::open_read_only(source, key)
            .map_err(|error| failed(&error))?
            .backup_to(&target)
            .map_err(|error| failed(&error))?;
        println!(
            "{} holds the keys; it needs the same master key",
            target.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of an embedded store.
fn file(place: &Location) -> Result<&Path, StartError> {
    match place {
        Location::File(path) => Ok(path),
        Location::Postgres(url) => Err(StartError(format!(
            "{url} is backed up by PostgreSQL's own tools (pg_dump, pg_basebackup), or copied to \
             files by maeum-replay copy"
        ))),
        Location::Kurrent(url) => Err(StartError(format!(
            "{url} is backed up by KurrentDB's own means, or copied to files by maeum-replay copy"
        ))),
    }
}

/// A file in a folder, which is made if it is not there.
fn target(folder: &Path, name: &str) -> Result<PathBuf, StartError> {
    std::fs::create_dir_all(folder).map_err(|error| {
        StartError::because(format!("{} cannot be made", folder.display()), error)
    })?;
    Ok(folder.join(name))
}
