//! Keys, tombstones and secrets: opened under the source's master key, and wrapped under that of
//! the target.

use event_store::keys::{Key, KeyBytes, KeyError};
use event_store::log_seal::SealHead;
use serde::Serialize;

use super::ends::Ends;
use crate::failure::Failure;

/// Keys that are taken over at once.
const PAGE_KEYS: usize = 1_000;

/// What the key store of the source holds.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct CopiedKeys {
    pub keys: u64,
    /// Tombstones.
    pub destroyed: u64,
    /// Of the whole system: pepper, signing keys, heads of seals.
    pub secrets: u64,
}

impl Ends {
    /// Takes over all secrets, and gives how many there are. A target that has another one under
    /// the same name belongs to another log and is refused before anything is written.
    pub fn copy_secrets(&self) -> Result<u64, Failure> {
        let mut secrets = Vec::new();
        for name in self.source_keys.secret_names("")? {
            // A live server may have removed it meanwhile.
            let Some(secret) = self.source_keys.secret(&name)? else {
                continue;
            };
            if self
                .target_keys
                .secret(&name)?
                .is_some_and(|there| there != secret)
            {
                return Err(of_another_log("secret", &name));
            }
            secrets.push((name, secret));
        }
        for (name, secret) in &secrets {
            if self.target_keys.put_secret(name, secret)? != *secret {
                return Err(of_another_log("secret", name));
            }
        }
        self.forget_old_seals()?;
        Ok(secrets.len() as u64)
    }

    /// The source remembers a later seal in their place.
    fn forget_old_seals(&self) -> Result<(), Failure> {
        let remembered = SealHead::all(&*self.source_keys)?;
        for head in SealHead::all(&*self.target_keys)? {
            if !remembered.contains(&head) {
                head.forget(&*self.target_keys)?;
            }
        }
        Ok(())
    }

    /// Takes over all keys and tombstones. They are on disk on return.
    pub fn copy_keys(&self, secrets: u64) -> Result<CopiedKeys, Failure> {
        let mut copied = CopiedKeys {
            secrets,
            ..CopiedKeys::default()
        };
        let mut after = String::new();
        loop {
            let names = self.source_keys.key_names(&after, PAGE_KEYS)?;
            let Some(last) = names.last() else {
                return Ok(copied);
            };
            after = last.to_string();
            let found = self.source_keys.get_many(&names)?;
            let mut page: Vec<(_, Option<KeyBytes>)> = Vec::with_capacity(names.len());
            for (name, key) in names.into_iter().zip(found) {
                match key {
                    Key::Present(key) => {
                        copied.keys += 1;
                        page.push((name, Some((*key).clone())));
                    }
                    Key::Destroyed => {
                        copied.destroyed += 1;
                        page.push((name, None));
                    }
                    Key::Absent => return Err(KeyError::Differs(name).into()),
                }
            }
            self.target_keys.adopt(&page).map_err(|error| match error {
                KeyError::Differs(name) => of_another_log("key", &name),
                other => other.into(),
            })?;
        }
    }
}

fn of_another_log(what: &str, name: &str) -> Failure {
    Failure::Target(format!(
        "its {what} {name} is another one: it belongs to another log"
    ))
}
