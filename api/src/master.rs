//! The file of the master key: read, or made at the very first start.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use event_store::keys::KeyBytes;
use zeroize::Zeroizing;

use crate::start::StartError;

/// Readable by its owner only.
const MODE: u32 = 0o600;

/// What its group and all others may do.
const OTHERS: u32 = 0o077;

/// Reads the master key from its file, which only its owner may read. Where there is no file, it is
/// made if `may_make`: never while keys or events exist, since what they seal could not be opened
/// with a new one.
pub fn read_or_make(path: &Path, may_make: bool) -> Result<KeyBytes, StartError> {
    if std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & OTHERS != 0) {
        return Err(StartError(format!(
            "the master key {} can be read by others; its mode must be 0600",
            path.display()
        )));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => crate::settings::parse_master_key(&Zeroizing::new(text)).ok_or_else(|| {
            StartError(format!(
                "{} does not hold a key of 32 bytes",
                path.display()
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_make => make(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(StartError(format!(
            "the master key {} is missing, and there is data that only it opens; \
             restore it, or set keys.master or keys.master_file",
            path.display()
        ))),
        Err(error) => Err(StartError(format!(
            "{} cannot be read: {error}",
            path.display()
        ))),
    }
}

/// Writes a key to a file that must not exist, durably.
pub fn write_new(path: &Path, key: &KeyBytes) -> std::io::Result<()> {
    use std::fmt::Write as _;
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in key.iter() {
        write!(text, "{byte:02x}").map_err(std::io::Error::other)?;
    }
    text.push('\n');
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// 32 bytes that nobody can guess.
pub fn random_key() -> Result<KeyBytes, StartError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut_slice())
        .map_err(|error| StartError(format!("no random bytes: {error}")))?;
    Ok(key)
}

fn make(path: &Path) -> Result<KeyBytes, StartError> {
    let key = random_key()?;
    write_new(path, &key)
        .map_err(|error| StartError(format!("{} cannot be written: {error}", path.display())))?;
    tracing::warn!(path = %path.display(), "a master key was made; keep a copy apart from the data");
    Ok(key)
}
