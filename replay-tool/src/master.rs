//! The master key, read from where the server reads it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use event_store::keys::KeyBytes;
use zeroize::Zeroizing;

use crate::arguments::PlaceArguments;
use crate::failure::Failure;

const VARIABLE: &str = "MAEUM_KEYS__MASTER";
const FILE_VARIABLE: &str = "MAEUM_KEYS__MASTER_FILE";

/// The master key: of the flag's file, the environment, the environment's file, or the data
/// folder, whichever is named first. None is ever made here.
pub fn master(place: &PlaceArguments) -> Result<KeyBytes, Failure> {
    if let Some(file) = &place.master_file {
        return of_file(file);
    }
    if let Ok(text) = std::env::var(VARIABLE) {
        return parse(&Zeroizing::new(text)).map_err(|problem| refused(VARIABLE, problem));
    }
    if let Some(file) = std::env::var_os(FILE_VARIABLE) {
        return of_file(Path::new(&file));
    }
    of_file(&place.data.join("master.key"))
}

/// The master key in a file that only its owner can read.
pub fn of_file(file: &Path) -> Result<KeyBytes, Failure> {
    let name = file.display().to_string();
    let metadata = fs::metadata(file).map_err(|_| Failure::Missing {
        what: "master key",
        path: file.to_owned(),
        flag: "--master-file or MAEUM_KEYS__MASTER",
    })?;
    if is_open_to_others(&metadata.permissions()) {
        return Err(refused(
            &name,
            "can be read by others; its mode must be 0600",
        ));
    }
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|cause| refused(&name, &format!("cannot be read: {cause}")))?;
    parse(&text).map_err(|problem| refused(&name, problem))
}

fn is_open_to_others(permissions: &Permissions) -> bool {
    permissions.mode() & 0o077 != 0
}

fn parse(text: &str) -> Result<KeyBytes, &'static str> {
    const WRONG: &str = "is not 64 hexadecimal characters";
    let digits = text.trim().as_bytes();
    let mut key = KeyBytes::new([0; 32]);
    if digits.len() != 2 * key.len() {
        return Err(WRONG);
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0]).ok_or(WRONG)? << 4 | nibble(pair[1]).ok_or(WRONG)?;
    }
    Ok(key)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn refused(from: &str, problem: &str) -> Failure {
    Failure::Master {
        from: from.to_owned(),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sixty_four_digits_are_thirty_two_bytes() {
        let key = parse(&format!("{}\n", "0aF1".repeat(16))).unwrap();
        assert_eq!(key[..4], [0x0a, 0xf1, 0x0a, 0xf1]);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "00",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"가".repeat(32),
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
