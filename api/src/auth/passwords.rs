//! Passwords: Argon2id, a few at a time, and the same work for an email that nobody has.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::settings::Settings;

/// How passwords are hashed, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// Memory that one hash takes, in bytes; rounded down to KiB.
    pub memory_bytes: usize,
    pub iterations: u32,
    /// Hashes at once.
    pub at_once: usize,
    /// How long one waits for its turn.
    pub wait: Duration,
}

impl From<&Settings> for Hashing {
    fn from(settings: &Settings) -> Self {
        Self {
            memory_bytes: settings.auth.argon2_memory,
            iterations: settings.auth.argon2_iterations,
            at_once: settings.limits.password_hashing as usize,
            wait: settings.limits.password_wait,
        }
    }
}

/// A password's hash as it is kept, a PHC string.
pub type PasswordHash = String;

/// What a check of a password says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    Wrong,
    /// `stale`: the hash was made under other parameters and is to be made anew.
    Right {
        stale: bool,
    },
}

/// Why a password could be neither hashed nor checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many others are waiting. Trying again later is fine.
    #[error("too many passwords are being checked")]
    Busy,
    /// The parameters, the stored hash or the machine are at fault.
    #[error("a password cannot be hashed: {0}")]
    Broken(String),
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    wait: Duration,
    /// The hash of nothing in particular, checked when there is no account.
    nobody: Arc<str>,
}

impl Passwords {
    /// Takes the time of one hash.
    pub fn new(hashing: Hashing) -> Result<Self, PasswordError> {
        let kib = u32::try_from(hashing.memory_bytes / 1024).unwrap_or(u32::MAX);
        let params = Params::new(kib, hashing.iterations, 1, None).map_err(broken)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_with(&argon2, b"the password of nobody")?.into();
        let turns = Arc::new(Semaphore::new(hashing.at_once));
        Ok(Self {
            argon2,
            turns,
            wait: hashing.wait,
            nobody,
        })
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: &str) -> Result<PasswordHash, PasswordError> {
        let password = Zeroizing::new(password.to_owned());
        self.work(move |argon2| hash_with(argon2, password.as_bytes()))
            .await
    }

    /// Checks a password against the hash that is kept; with none, does the same work in vain.
    pub async fn verify(
        &self,
        password: &str,
        kept: Option<&str>,
    ) -> Result<Verified, PasswordError> {
        let password = Zeroizing::new(password.to_owned());
        let known = kept.is_some();
        let kept: Arc<str> = kept.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        self.work(move |argon2| {
            let verified = verify_with(argon2, password.as_bytes(), &kept)?;
            Ok(if known { verified } else { Verified::Wrong })
        })
        .await
    }

    /// Runs on a thread of its own. The turn is given back when the work ends, even if nobody
    /// waits for it any more.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = self.turn().await?;
        let argon2 = self.argon2.clone();
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&argon2);
            drop(turn);
            done
        });
        done.await.map_err(broken)?
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        if let Ok(turn) = tokio::time::timeout(self.wait, turn).await {
            return turn.map_err(broken);
        }
        metrics::counter!("maeum_passwords_busy_total").increment(1);
        Err(PasswordError::Busy)
    }
}

fn hash_with(argon2: &Argon2<'_>, password: &[u8]) -> Result<PasswordHash, PasswordError> {
    argon2
        .hash_password(password)
        .map(|hash| hash.to_string())
        .map_err(broken)
}

fn verify_with(
    argon2: &Argon2<'_>,
    password: &[u8],
    kept: &str,
) -> Result<Verified, PasswordError> {
    let kept = Phc::new(kept).map_err(broken)?;
    match argon2.verify_password(password, &kept) {
        Ok(()) => Ok(Verified::Right {
            stale: is_stale(argon2, &kept),
        }),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verified::Wrong),
        Err(error) => Err(broken(error)),
    }
}

fn is_stale(argon2: &Argon2<'_>, kept: &Phc) -> bool {
    let now = argon2.params();
    !Params::try_from(kept).is_ok_and(|kept| {
        (kept.m_cost(), kept.t_cost(), kept.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost())
    }) || kept.algorithm != Algorithm::Argon2id.ident()
}

fn broken(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn passwords(iterations: u32, at_once: usize) -> Passwords {
        let wait = Duration::from_mins(1);
        let hashing = Hashing {
            memory_bytes: 64 * 1024,
            iterations,
            at_once,
            wait,
        };
        Passwords::new(hashing).unwrap()
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_others_are_wrong() {
        let passwords = passwords(1, 2);
        let hash = passwords.hash("비밀번호 1234").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"));
        let right = passwords.verify("비밀번호 1234", Some(&hash)).await;
        assert_eq!(right, Ok(Verified::Right { stale: false }));
        assert_eq!(
            passwords.verify("비밀번호 1235", Some(&hash)).await,
            Ok(Verified::Wrong)
        );
        assert_ne!(hash, passwords.hash("비밀번호 1234").await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_is_right_but_stale() {
        let hash = passwords(1, 2).hash("password").await.unwrap();
        let verified = passwords(2, 2).verify("password", Some(&hash)).await;
        assert_eq!(verified, Ok(Verified::Right { stale: true }));
    }

    #[tokio::test]
    async fn nobodys_password_is_never_right() {
        let passwords = passwords(1, 2);
        assert_eq!(
            passwords.verify("the password of nobody", None).await,
            Ok(Verified::Wrong)
        );
    }

    #[tokio::test]
    async fn an_unknown_email_costs_the_same_work() {
        let wait = Duration::from_mins(1);
        let hashing = Hashing {
            memory_bytes: 4 << 20,
            iterations: 2,
            at_once: 1,
            wait,
        };
        let passwords = Passwords::new(hashing).unwrap();
        let hash = passwords.hash("password").await.unwrap();
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for _ in 0..15 {
            let start = Instant::now();
            passwords.verify("wrong", Some(&hash)).await.unwrap();
            known.push(start.elapsed());
            let start = Instant::now();
            passwords.verify("wrong", None).await.unwrap();
            unknown.push(start.elapsed());
        }
        // The quickest of each is the work itself, without whatever else the machine did.
        let (known, unknown) = (known.iter().min().unwrap(), unknown.iter().min().unwrap());
        let ratio = known.as_secs_f64() / unknown.as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{known:?} against {unknown:?}");
    }

    #[tokio::test]
    async fn whoever_waits_too_long_is_told_that_it_is_busy() {
        let wait = Duration::from_millis(1);
        let hashing = Hashing {
            memory_bytes: 64 * 1024,
            iterations: 1,
            at_once: 1,
            wait,
        };
        let passwords = Passwords::new(hashing).unwrap();
        let turn = passwords.turn().await.unwrap();
        assert_eq!(passwords.hash("password").await, Err(PasswordError::Busy));
        drop(turn);
        assert!(passwords.hash("password").await.is_ok());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        let verified = passwords(1, 1)
            .verify("password", Some("$argon2id$nonsense"))
            .await;
        assert!(matches!(verified, Err(PasswordError::Broken(_))));
    }
}
