//! A note beside the file that it is in use since this boot of the machine. Writes are not
//! flushed to disk, which a killed process survives and a power cut does not: a note that is left
//! from another boot says that the file may have lost writes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Written in place of a boot's id when the file was found to be damaged.
const DAMAGED: &str = "damaged";

/// The note of one file, and what it has to say.
#[derive(Debug, Clone)]
pub(super) struct Marker {
    path: PathBuf,
    boot_id: String,
}

impl Marker {
    /// None where the machine does not tell one boot from another: then writes must be flushed.
    pub fn new(database: &Path, boot_id: Option<String>) -> Option<Self> {
        let boot_id = boot_id.or_else(|| {
            let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
            Some(id.trim().to_owned())
        })?;
        Some(Self {
            path: path_of(database),
            boot_id,
        })
    }

    /// Durable on return, before the first write that is not.
    pub fn write(&self) -> io::Result<()> {
        self.put(&self.boot_id)
    }

    /// The next opening throws the file away.
    pub fn write_damaged(&self) -> io::Result<()> {
        self.put(DAMAGED)
    }

    /// The file is on disk, whole.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => sync_folder(&self.path),
        }
    }

    fn put(&self, text: &str) -> io::Result<()> {
        let mut file = File::create(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        sync_folder(&self.path)
    }
}

/// Whether the file may have lost writes. Without a marker of our own any note counts.
pub(super) fn is_stale(database: &Path, marker: Option<&Marker>) -> io::Result<bool> {
    match fs::read_to_string(path_of(database)) {
        Ok(note) => Ok(marker.is_none_or(|marker| marker.boot_id != note.trim())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(cause),
    }
}

fn path_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-boot");
    name.into()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
