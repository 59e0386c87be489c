//! A log-in session's rules: a refresh token works once, and its reuse ends the family.
//!
//! A token names its session and a secret, and the secret's hash is all that is known of it. Only
//! the current hash and the one just replaced are kept; a wrong secret for an open session is
//! therefore taken for one of its older secrets, and ends it: whoever can name a session and not
//! its secret has seen one of its tokens.

use serde::{Deserialize, Serialize};

use super::{Revocation, SessionCommand, SessionEvent};
use crate::decide::{Decide, aggregate};
use crate::{AccountId, Refusal, Version};

/// A log-in session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    #[default]
    Unknown,
    Open(Family),
    Revoked {
        account: AccountId,
        account_version: Version,
        reason: Revocation,
    },
    /// It could be used no more, and nobody asks for it again.
    Forgotten {
        account: AccountId,
        account_version: Version,
    },
}

/// The refresh token of an open session and its predecessor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    account: AccountId,
    account_version: Version,
    current_hash: String,
    replaced: Option<Replaced>,
    expires_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Replaced {
    hash: String,
    at: i64,
}

aggregate!(Session, "session", SessionCommand, SessionEvent);

impl Session {
    /// Whose session it is.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Unknown => None,
            Self::Open(family) => Some(family.account),
            Self::Revoked { account, .. } | Self::Forgotten { account, .. } => Some(*account),
        }
    }

    /// The version of the account's stream at which it was opened.
    pub fn account_version(&self) -> Option<Version> {
        match self {
            Self::Unknown => None,
            Self::Open(family) => Some(family.account_version),
            Self::Revoked {
                account_version, ..
            }
            | Self::Forgotten {
                account_version, ..
            } => Some(*account_version),
        }
    }

    /// Whether it is neither revoked nor expired at `now` (microseconds since the Unix epoch).
    pub fn is_open(&self, now: i64) -> bool {
        matches!(self, Self::Open(family) if now < family.expires_at)
    }

    /// Whether it is kept no longer.
    pub fn is_forgotten(&self) -> bool {
        matches!(self, Self::Forgotten { .. })
    }

    /// Why it was revoked, if it was.
    pub fn revocation(&self) -> Option<Revocation> {
        match self {
            Self::Revoked { reason, .. } => Some(*reason),
            Self::Unknown | Self::Open(_) | Self::Forgotten { .. } => None,
        }
    }
}

impl Decide for Session {
    fn decide(&self, command: SessionCommand) -> Result<Vec<SessionEvent>, Refusal> {
        match (command, self) {
            (
                SessionCommand::Open {
                    account,
                    account_version,
                    secret_hash,
                    expires_at,
                },
                Self::Unknown,
            ) => Ok(vec![SessionEvent::Opened {
                account,
                account_version,
                secret_hash,
                expires_at,
            }]),
            (SessionCommand::Open { .. }, _) => Err(Refusal::AlreadyRegistered),
            (
                SessionCommand::Rotate {
                    presented_hash,
                    successor_hash,
                    now,
                    expires_at,
                    repeat_grace_us,
                },
                Self::Open(family),
            ) if now < family.expires_at => {
                if presented_hash == family.current_hash {
                    let secret_hash = successor_hash;
                    return Ok(vec![SessionEvent::Rotated {
                        secret_hash,
                        rotated_at: now,
                        expires_at,
                    }]);
                }
                let repeated = family.replaced.as_ref().is_some_and(|replaced| {
                    replaced.hash == presented_hash
                        && now.saturating_sub(replaced.at) <= repeat_grace_us
                        && family.current_hash == successor_hash
                });
                if repeated {
                    return Ok(vec![]);
                }
                Ok(vec![SessionEvent::Revoked {
                    reason: Revocation::Reused,
                }])
            }
            (SessionCommand::Rotate { .. }, _) | (SessionCommand::Revoke { .. }, Self::Unknown) => {
                Err(Refusal::SessionEnded)
            }
            (SessionCommand::Revoke { .. }, Self::Revoked { .. } | Self::Forgotten { .. })
            | (SessionCommand::Forget { .. }, Self::Forgotten { .. }) => Ok(vec![]),
            (SessionCommand::Forget { .. }, Self::Unknown) => Err(Refusal::SessionEnded),
            (SessionCommand::Forget { now }, Self::Open(_)) if self.is_open(now) => {
                Err(Refusal::SessionOpen)
            }
            (SessionCommand::Forget { .. }, Self::Open(_) | Self::Revoked { .. }) => {
                Ok(vec![SessionEvent::Forgotten {}])
            }
            (SessionCommand::Revoke { reason }, Self::Open(_)) => {
                Ok(vec![SessionEvent::Revoked { reason }])
            }
        }
    }
}

impl Session {
    fn evolve(&mut self, event: SessionEvent) {
        match (&mut *self, event) {
            (
                Self::Unknown,
                SessionEvent::Opened {
                    account,
                    account_version,
                    secret_hash,
                    expires_at,
                },
            ) => {
                *self = Self::Open(Family {
                    account,
                    account_version,
                    current_hash: secret_hash,
                    replaced: None,
                    expires_at,
                });
            }
            (
                Self::Open(family),
                SessionEvent::Rotated {
                    secret_hash,
                    rotated_at,
                    expires_at,
                },
            ) => {
                let hash = std::mem::replace(&mut family.current_hash, secret_hash);
                family.replaced = Some(Replaced {
                    hash,
                    at: rotated_at,
                });
                family.expires_at = expires_at;
            }
            (Self::Open(family), SessionEvent::Revoked { reason }) => {
                let (account, account_version) = (family.account, family.account_version);
                *self = Self::Revoked {
                    account,
                    account_version,
                    reason,
                };
            }
            (
                Self::Open(Family {
                    account,
                    account_version,
                    ..
                })
                | Self::Revoked {
                    account,
                    account_version,
                    ..
                },
                SessionEvent::Forgotten {},
            ) => {
                let (account, account_version) = (*account, *account_version);
                *self = Self::Forgotten {
                    account,
                    account_version,
                };
            }
            (Self::Unknown | Self::Revoked { .. } | Self::Forgotten { .. }, _)
            | (_, SessionEvent::Opened { .. }) => {}
        }
    }
}
