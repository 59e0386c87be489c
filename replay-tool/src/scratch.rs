//! The file that a rebuild fills: never a live one, never half of one.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;

/// In the header of every file that a rebuild made: "mrbd".
const APPLICATION_ID: i32 = 0x6d72_6264;

/// A file that is filled beside its place and moved there when it is complete. What an
/// interrupted rebuild left is thrown away.
pub struct Scratch {
    target: PathBuf,
    unfinished: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Refuses to replace anything but the result of an earlier rebuild.
    pub fn begin(target: &Path, live: &[PathBuf]) -> Result<Self, Failure> {
        let refused = |problem: &str| refused(target, problem);
        let Some(name) = target.file_name() else {
            return Err(refused("is not a file's name"));
        };
        if is_live(live, target) {
            return Err(refused("is a live store"));
        }
        if target.exists() && !is_of_a_rebuild(target) {
            return Err(refused(
                "is there and was not made by a rebuild; name another file",
            ));
        }
        let beside = |suffix| target.with_file_name(with_suffix(name.to_owned(), suffix));
        let lock = lock(&beside(".lock")).map_err(|problem| refused(&problem))?;
        let unfinished = beside(".unfinished");
        let scratch = Self {
            target: target.to_owned(),
            unfinished,
            _lock: lock,
        };
        scratch.clear(&scratch.unfinished)?;
        Ok(scratch)
    }

    /// Where the rebuild writes until it is complete.
    pub fn path(&self) -> &Path {
        &self.unfinished
    }

    /// Marks the complete file, folds its WAL into it and moves it to its place.
    pub fn finish(self) -> Result<(), Failure> {
        self.mark()
            .map_err(|cause| refused(&self.target, &cause.to_string()))?;
        self.clear(&self.target)?;
        fs::rename(&self.unfinished, &self.target)
            .map_err(|cause| refused(&self.target, &cause.to_string()))
    }

    fn mark(&self) -> rusqlite::Result<()> {
        let connection = Connection::open(&self.unfinished)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
        connection.close().map_err(|(_, cause)| cause)
    }

    fn clear(&self, file: &Path) -> Result<(), Failure> {
        for suffix in ["", "-wal", "-shm", "-journal", "-boot"] {
            match fs::remove_file(with_suffix(file.as_os_str().to_owned(), suffix)) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                    return Err(refused(&self.target, &cause.to_string()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Keeps a second rebuild into the same file out.
fn lock(path: &Path) -> Result<File, String> {
    let file = File::create(path).map_err(|cause| cause.to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err("is being made by another rebuild".to_owned()),
        Err(TryLockError::Error(cause)) => Err(cause.to_string()),
    }
}

fn refused(target: &Path, problem: &str) -> Failure {
    Failure::Scratch {
        path: target.to_owned(),
        problem: problem.to_owned(),
    }
}

fn with_suffix(mut name: OsString, suffix: &str) -> OsString {
    name.push(suffix);
    name
}

/// Whether a file that is to be made is a live one.
pub fn is_live(live: &[PathBuf], target: &Path) -> bool {
    live.iter().any(|file| is_same(file, target))
}

/// By any name: a link to a live file is that file.
fn is_same(live: &Path, target: &Path) -> bool {
    match (live.canonicalize(), target.canonicalize()) {
        (Ok(live), Ok(target)) => live == target || is_same_inode(&live, &target),
        _ => std::path::absolute(live).ok() == std::path::absolute(target).ok(),
    }
}

fn is_same_inode(live: &Path, target: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (live.metadata(), target.metadata()) {
        (Ok(live), Ok(target)) => (live.dev(), live.ino()) == (target.dev(), target.ino()),
        _ => false,
    }
}

fn is_of_a_rebuild(file: &Path) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    Connection::open_with_flags(file, flags)
        .and_then(|file| file.pragma_query_value(None, "application_id", |row| row.get(0)))
        .is_ok_and(|id: i32| id == APPLICATION_ID)
}
