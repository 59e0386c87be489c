//! Opening a SQLite file: the engine, the lock, the pragmas, the schema; and copying it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

/// Older engines can lose a reset of the WAL (3.7.0 to 3.51.2).
const OLDEST_ENGINE: i32 = 3_051_003;

/// How long a statement waits for a lock that another process holds.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a file of the store was not opened.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum OpenError {
    #[error("SQLite {found} is refused: before 3.51.3 it can corrupt a log that is written to")]
    OldEngine { found: String },
    #[error("{} is open in another process that writes to it", path.display())]
    Locked { path: PathBuf },
    #[error("{} is corrupt ({reason}): restore it from a backup", path.display())]
    Corrupt { path: PathBuf, reason: String },
    #[error(
        "{} has schema {found}, this release knows {known}: downgrading is refused",
        path.display()
    )]
    NewerSchema {
        path: PathBuf,
        found: usize,
        known: usize,
    },
    /// Only on opening to read: opening to write migrates.
    #[error("{} has schema {found}, older than {known}: start the server once", path.display())]
    OlderSchema {
        path: PathBuf,
        found: usize,
        known: usize,
    },
    #[error("{} is a database of something else", path.display())]
    Foreign { path: PathBuf },
    #[error("{place} was written under another master key")]
    WrongMaster { place: String },
    #[error("{} cannot be opened: {reason}", path.display())]
    Unavailable { path: PathBuf, reason: String },
    /// The same of a database on a server.
    #[error("{place} cannot be opened: {reason}")]
    Server { place: String, reason: String },
}

impl OpenError {
    pub(crate) fn of(path: &Path, cause: &rusqlite::Error) -> Self {
        let (path, reason) = (path.to_owned(), cause.to_string());
        if is_corruption(cause) {
            Self::Corrupt { path, reason }
        } else {
            Self::Unavailable { path, reason }
        }
    }

    pub(crate) fn io(path: &Path, cause: &std::io::Error) -> Self {
        Self::Unavailable {
            path: path.to_owned(),
            reason: cause.to_string(),
        }
    }
}

pub(crate) fn is_corruption(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// What tells the files of this program apart, and the steps that made each schema.
pub(crate) struct Schema {
    pub application_id: i32,
    pub migrations: &'static [&'static str],
}

/// Refuses an engine that can lose what it acknowledged.
pub(crate) fn check_engine(number: i32) -> Result<(), OpenError> {
    if number >= OLDEST_ENGINE {
        return Ok(());
    }
    let found = format!(
        "{}.{}.{}",
        number / 1_000_000,
        number / 1000 % 1000,
        number % 1000
    );
    Err(OpenError::OldEngine { found })
}

/// Keeps other writers out, in any process, until it is dropped.
#[derive(Debug)]
pub(crate) struct WriterLock(#[expect(dead_code, reason = "held for its lock")] File);

impl WriterLock {
    /// Locks the file beside `path` that ends in `.lock`.
    pub fn acquire(path: &Path) -> Result<Self, OpenError> {
        let mut options = private();
        let file = options
            .truncate(false)
            .open(path.with_extension("lock"))
            .map_err(|cause| OpenError::io(path, &cause))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(cause)) => Err(OpenError::io(path, &cause)),
        }
    }
}

/// Opens to write, made if it is not there, readable by its owner only, with the schema brought
/// up to date. What this connection commits is on disk.
pub(crate) fn open_to_write(path: &Path, schema: &Schema) -> Result<Connection, OpenError> {
    check_engine(rusqlite::version_number())?;
    let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
    private()
        .truncate(false)
        .open(path)
        .map_err(|cause| OpenError::io(path, &cause))?;
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        let reason = format!("the file system allows no WAL, only {mode}");
        return Err(OpenError::Unavailable {
            path: path.to_owned(),
            reason,
        });
    }
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(failed)?;
    migrate(&mut connection, path, schema)?;
    sync_folder_of(path).map_err(|cause| OpenError::io(path, &cause))?;
    Ok(connection)
}

/// Opens to read only, beside a process that may be writing.
pub(crate) fn open_to_read(path: &Path, schema: &Schema) -> Result<Connection, OpenError> {
    check_engine(rusqlite::version_number())?;
    let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    let found = schema_version(&connection, path, schema)?;
    let known = schema.migrations.len();
    if found < known {
        return Err(OpenError::OlderSchema {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(connection)
}

/// The version of the schema, 0 for an empty file. A newer one is refused.
fn schema_version(
    connection: &Connection,
    path: &Path,
    schema: &Schema,
) -> Result<usize, OpenError> {
    let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    if tables == 0 {
        return Ok(0);
    }
    if number("application_id").map_err(failed)? != schema.application_id {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    let found = usize::try_from(number("user_version").map_err(failed)?).unwrap_or_default();
    let known = schema.migrations.len();
    if found > known {
        return Err(OpenError::NewerSchema {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(found)
}

fn migrate(connection: &mut Connection, path: &Path, schema: &Schema) -> Result<(), OpenError> {
    let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
    let found = schema_version(connection, path, schema)?;
    for (version, sql) in (1_u32..).zip(schema.migrations).skip(found) {
        let step = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        step.execute_batch(sql).map_err(failed)?;
        step.pragma_update(None, "application_id", schema.application_id)
            .map_err(failed)?;
        step.pragma_update(None, "user_version", version)
            .map_err(failed)?;
        step.commit().map_err(failed)?;
    }
    Ok(())
}

/// Copies the whole database as it is at one moment to `target`, which must not exist, and
/// brings the copy to disk.
pub(crate) fn copy(source: &Connection, target: &Path) -> std::io::Result<()> {
    let unfinished = target.with_extension("unfinished");
    private().create_new(true).open(target)?;
    let copied = copy_into(source, &unfinished);
    if let Err(cause) = copied {
        for leftover in [&*unfinished, target] {
            remove_if_there(leftover)?;
        }
        return Err(cause);
    }
    std::fs::rename(&unfinished, target)?;
    sync_folder_of(target)
}

fn copy_into(source: &Connection, target: &Path) -> std::io::Result<()> {
    remove_if_there(target)?;
    private().create_new(true).open(target)?;
    let mut copy = Connection::open(target).map_err(std::io::Error::other)?;
    // All pages in one step: a copy in several begins anew at every write in between.
    let backup = rusqlite::backup::Backup::new(source, &mut copy).map_err(std::io::Error::other)?;
    match backup.step(-1).map_err(std::io::Error::other)? {
        rusqlite::backup::StepResult::Done => {}
        _ => return Err(std::io::Error::other("the database was busy")),
    }
    drop(backup);
    copy.close()
        .map_err(|(_, cause)| std::io::Error::other(cause))?;
    File::open(target)?.sync_all()
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// A new file's name is on disk only when its folder is.
fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// For files that only their owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_can_lose_a_reset_of_the_wal_is_refused() {
        assert_eq!(check_engine(3_051_003), Ok(()));
        assert_eq!(check_engine(3_054_001), Ok(()));
        for (number, found) in [(3_051_002, "3.51.2"), (3_046_000, "3.46.0")] {
            assert_eq!(
                check_engine(number),
                Err(OpenError::OldEngine {
                    found: found.into()
                })
            );
        }
    }

    #[test]
    fn a_newer_schema_and_a_foreign_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.db");
        let steps: &'static [&'static str] = &["CREATE TABLE a (b)", "CREATE TABLE c (d)"];
        let one = Schema {
            application_id: 7,
            migrations: &steps[..1],
        };
        let two = Schema {
            application_id: 7,
            migrations: steps,
        };
        let other = Schema {
            application_id: 8,
            migrations: steps,
        };
        drop(open_to_write(&path, &one).unwrap());

        assert!(matches!(
            open_to_read(&path, &two),
            Err(OpenError::OlderSchema { .. })
        ));
        assert!(matches!(
            open_to_write(&path, &other),
            Err(OpenError::Foreign { .. })
        ));
        drop(open_to_write(&path, &two).unwrap());
        assert!(matches!(
            open_to_write(&path, &one),
            Err(OpenError::NewerSchema {
                found: 2,
                known: 1,
                ..
            })
        ));
        assert!(matches!(
            open_to_read(&path, &one),
            Err(OpenError::NewerSchema { .. })
        ));
    }
}
