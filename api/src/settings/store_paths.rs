//! Where the stores and the master key are.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_store::Location;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Settings;

/// Where each store is, and the file of the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorePlaces {
    pub events: Location,
    pub read: Location,
    /// The index of messages: beside the read models, and rebuilt as they are.
    pub search: Location,
    /// What analysts count: beside the read models as well.
    pub analytics: Location,
    pub keys: Location,
    /// Of no use where `keys.master` is set.
    pub master: PathBuf,
}

impl Settings {
    /// Where each store is: in `server.data` unless named.
    pub fn store_places(&self) -> StorePlaces {
        let data = &self.server.data;
        let place = |named: &Option<Location>, name| {
            named
                .clone()
                .unwrap_or_else(|| Location::File(data.join(name)))
        };
        let master = self.keys.master_file.clone();
        StorePlaces {
            events: place(&self.server.event_store, "events.db"),
            read: place(&self.server.read_store, "read.db"),
            search: self.place_beside_read("search"),
            analytics: self.place_beside_read("analytics"),
            keys: place(&self.server.key_store, "keys.db"),
            master: master.unwrap_or_else(|| data.join("master.key")),
        }
    }

    /// In a file named after that of the read models, where these are named; else in the same
    /// database, where it has a schema of its own.
    fn place_beside_read(&self, name: &str) -> Location {
        match &self.server.read_store {
            None => Location::File(self.server.data.join(format!("{name}.db"))),
            Some(Location::File(path)) => {
                let mut file = path.file_stem().unwrap_or_default().to_owned();
                file.push(format!("-{name}.db"));
                Location::File(path.with_file_name(file))
            }
            Some(place @ (Location::Postgres(_) | Location::Kurrent(_))) => place.clone(),
        }
    }

    /// The master key, where it is given in the settings themselves.
    pub fn master_key(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.keys
            .master
            .as_ref()
            .and_then(|master| parse_master_key(master.expose_secret()))
    }
}

/// Reads 32 bytes in hexadecimal or base64.
pub fn parse_master_key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.trim();
    let bytes = Zeroizing::new(match text.len() {
        64 => (0..32)
            .map(|at| {
                text.get(2 * at..2 * at + 2)
                    .and_then(|two| u8::from_str_radix(two, 16).ok())
            })
            .collect::<Option<Vec<u8>>>()?,
        _ => STANDARD.decode(text).ok()?,
    });
    <[u8; 32]>::try_from(bytes.as_slice())
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_32_bytes_in_hexadecimal_or_base64() {
        let expected = Zeroizing::new([0xab_u8; 32]);
        assert_eq!(parse_master_key(&"ab".repeat(32)), Some(expected.clone()));
        assert_eq!(
            parse_master_key(&STANDARD.encode([0xab_u8; 32])),
            Some(expected)
        );
        for bad in [
            "",
            "ab",
            &"zz".repeat(32),
            &STANDARD.encode([1_u8; 31]),
            &"가".repeat(22),
        ] {
            assert_eq!(parse_master_key(bad), None, "{bad}");
        }
    }
}
