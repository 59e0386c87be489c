//! A file for a copy that nobody needs afterwards.

use std::path::{Path, PathBuf};

use crate::OpenError;

/// The files of a copy in the system's folder for such, gone when dropped.
pub(super) struct Temporary(PathBuf);

impl Temporary {
    pub fn new() -> Result<Self, OpenError> {
        let folder = std::env::temp_dir();
        let number = getrandom::u64().map_err(|cause| OpenError::Unavailable {
            path: folder.clone(),
            reason: cause.to_string(),
        })?;
        Ok(Self(folder.join(format!("maeum-log-{number:016x}.db"))))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let lock = self.0.with_extension("lock");
        let files = ["", "-wal", "-shm"].map(|suffix| {
            let mut file = self.0.as_os_str().to_owned();
            file.push(suffix);
            PathBuf::from(file)
        });
        for file in files.iter().chain([&lock]) {
            match std::fs::remove_file(file) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(%cause, file = %file.display(), "a copy of the log is left");
                }
                _ => {}
            }
        }
    }
}
