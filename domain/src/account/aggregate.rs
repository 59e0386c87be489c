//! An account's rules. The state knows no name, address or hash of a password.

use serde::{Deserialize, Serialize};

use super::{
    AccountCommand, AccountEvent, KeptSession, PasswordChange, Profile, SessionsVoid, Standing,
};
use crate::decide::{Decide, aggregate};
use crate::emotion::check_prompt;
use crate::{Refusal, Role, Sealed, Version, limits, text};

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Events in its stream.
    version: Version,
    registered: Option<Registered>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Registered {
    email_key: String,
    role: Role,
    active: bool,
    #[serde(default)]
    erased: bool,
    credentials_version: Version,
    sessions_void: SessionsVoid,
    reset: Option<Reset>,
    standing: Standing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Reset {
    secret_hash: String,
    expires_at: i64,
}

aggregate!(Account, "account", AccountCommand, AccountEvent);

impl Account {
    pub fn exists(&self) -> bool {
        self.registered.is_some()
    }

    /// Whether its owner may log in.
    pub fn is_active(&self) -> bool {
        self.registered
            .as_ref()
            .is_some_and(|account| account.active)
    }

    /// Whether all that was personal of it is gone.
    pub fn is_erased(&self) -> bool {
        self.registered
            .as_ref()
            .is_some_and(|account| account.erased)
    }

    pub fn role(&self) -> Option<Role> {
        self.registered.as_ref().map(|account| account.role)
    }

    /// The key of the stream of its email address.
    pub fn email_key(&self) -> Option<&str> {
        self.registered
            .as_ref()
            .map(|account| account.email_key.as_str())
    }

    /// Which log-in sessions have ended with the account's changes.
    pub fn sessions_void(&self) -> SessionsVoid {
        self.registered
            .as_ref()
            .map(|account| account.sessions_void)
            .unwrap_or_default()
    }

    /// The sequence of the event with the password hash that holds; 0 before there is one.
    pub fn credentials_version(&self) -> Version {
        self.registered
            .as_ref()
            .map_or(0, |account| account.credentials_version)
    }
}

impl Decide for Account {
    fn decide(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, Refusal> {
        if let AccountCommand::Register {
            email_key,
            role,
            profile,
            password_hash,
        } = command
        {
            if self.exists() {
                return Err(Refusal::AlreadyRegistered);
            }
            allowed(role)?;
            check(&profile)?;
            return Ok(vec![AccountEvent::Registered {
                email_key,
                role,
                profile,
                password_hash,
            }]);
        }
        self.registered
            .as_ref()
            .ok_or(Refusal::UnknownAccount)?
            .decide(command)
    }
}

impl Registered {
    fn decide(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, Refusal> {
        if self.erased {
            return match command {
                AccountCommand::Erase => Ok(vec![]),
                _ => Err(Refusal::AccountErased),
            };
        }
        let event = match command {
            AccountCommand::Register { .. } => return Err(Refusal::AlreadyRegistered),
            AccountCommand::ChangePassword {
                checked_at,
                password_hash,
                kept_session,
            } => {
                self.check_active()?;
                if checked_at != self.credentials_version {
                    return Err(Refusal::PasswordChangedMeanwhile);
                }
                let kept_session = kept_session
                    .map(|session| self.check_session(session))
                    .transpose()?;
                AccountEvent::PasswordChanged {
                    change: PasswordChange::Changed,
                    kept_session: kept_session.map(|kept| kept.session),
                    password_hash,
                }
            }
            AccountCommand::RehashPassword {
                checked_at,
                password_hash,
            } => {
                self.check_active()?;
                // A newer password must not be replaced by the hash of an older one.
                if checked_at != self.credentials_version {
                    return Ok(vec![]);
                }
                AccountEvent::PasswordChanged {
                    change: PasswordChange::Rehashed,
                    kept_session: None,
                    password_hash,
                }
            }
            AccountCommand::RequestReset {
                secret_hash,
                expires_at,
            } => AccountEvent::ResetRequested {
                secret_hash,
                expires_at,
            },
            AccountCommand::ResetPassword {
                secret_hash,
                now,
                password_hash,
            } => {
                let reset = self.reset.as_ref().ok_or(Refusal::ResetInvalid)?;
                if reset.secret_hash != secret_hash || reset.expires_at <= now {
                    return Err(Refusal::ResetInvalid);
                }
                AccountEvent::PasswordChanged {
                    change: PasswordChange::Reset,
                    kept_session: None,
                    password_hash,
                }
            }
            AccountCommand::ChangeRole { role } if role == self.role => return Ok(vec![]),
            AccountCommand::ChangeRole { role } => {
                allowed(role)?;
                AccountEvent::RoleChanged { role }
            }
            AccountCommand::Deactivate if !self.active => return Ok(vec![]),
            AccountCommand::Deactivate => AccountEvent::Deactivated {},
            AccountCommand::Activate if self.active => return Ok(vec![]),
            AccountCommand::Activate => AccountEvent::Activated {},
            AccountCommand::Erase => AccountEvent::Erased {},
            AccountCommand::ChangeProfile { profile } => {
                check(&profile)?;
                AccountEvent::ProfileChanged { profile }
            }
            AccountCommand::SetStanding(standing) => {
                check_standing(&standing)?;
                let old = self.standing.clone();
                let new = Standing {
                    user_type: standing.user_type.or(old.user_type),
                    trust_score: standing.trust_score.or(old.trust_score),
                };
                if new == self.standing {
                    return Ok(vec![]);
                }
                AccountEvent::StandingSet {
                    user_type: new.user_type,
                    trust_score: new.trust_score,
                }
            }
            AccountCommand::SetPrompt { prompt } => {
                self.check_active()?;
                if let Some(words) = text::content(&prompt)? {
                    check_prompt(words)?;
                }
                AccountEvent::PromptSet { prompt }
            }
        };
        Ok(vec![event])
    }

    fn check_active(&self) -> Result<(), Refusal> {
        if self.active {
            Ok(())
        } else {
            Err(Refusal::AccountInactive)
        }
    }

    /// A session that has ended by another change is not kept: that would revive it.
    fn check_session(&self, kept: KeptSession) -> Result<KeptSession, Refusal> {
        if self.sessions_void.ends(kept.session, kept.account_version) {
            return Err(Refusal::SessionEnded);
        }
        Ok(kept)
    }
}

/// Guests are people of one consultation and have no account.
fn allowed(role: Role) -> Result<(), Refusal> {
    if role == Role::Guest {
        Err(Refusal::RoleNotAllowed)
    } else {
        Ok(())
    }
}

fn check(profile: &Sealed<Profile>) -> Result<(), Refusal> {
    let profile = text::content(profile)?;
    text::check(&profile.name, 1..=limits::NAME_CHARS, Refusal::NameLength)?;
    text::check(
        &profile.email,
        0..=limits::EMAIL_CHARS,
        Refusal::ProfileTooLong,
    )?;
    for field in [
        &profile.first_name,
        &profile.last_name,
        &profile.phone,
        &profile.profile_image,
    ]
    .into_iter()
    .flatten()
    {
        text::check(
            field,
            0..=limits::PROFILE_FIELD_CHARS,
            Refusal::ProfileTooLong,
        )?;
    }
    Ok(())
}

fn check_standing(standing: &Standing) -> Result<(), Refusal> {
    let is_word = |word: &String| {
        (1..=limits::USER_TYPE_CHARS).contains(&word.len())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let scores = 0.0..=limits::TRUST_SCORE_MAX;
    if standing.user_type.as_ref().is_none_or(is_word)
        && standing
            .trust_score
            .is_none_or(|score| scores.contains(&score))
    {
        Ok(())
    } else {
        Err(Refusal::StandingOutOfRange)
    }
}

impl Account {
    fn evolve(&mut self, event: AccountEvent) {
        self.version += 1;
        match (&mut self.registered, event) {
            (
                None,
                AccountEvent::Registered {
                    email_key, role, ..
                },
            ) => {
                self.registered = Some(Registered {
                    email_key,
                    role,
                    active: true,
                    erased: false,
                    credentials_version: self.version,
                    sessions_void: SessionsVoid::default(),
                    reset: None,
                    standing: Standing::default(),
                });
            }
            (Some(account), event) => account.evolve(event, self.version),
            (None, _) => {}
        }
    }
}

impl Registered {
    fn evolve(&mut self, event: AccountEvent, version: Version) {
        match event {
            AccountEvent::Registered { .. }
            | AccountEvent::ProfileChanged { .. }
            | AccountEvent::PromptSet { .. } => {}
            AccountEvent::PasswordChanged {
                change,
                kept_session,
                ..
            } => {
                self.credentials_version = version;
                if change != PasswordChange::Rehashed {
                    self.reset = None;
                    self.sessions_void = SessionsVoid {
                        before: version,
                        kept: kept_session,
                    };
                }
            }
            AccountEvent::ResetRequested {
                secret_hash,
                expires_at,
            } => {
                self.reset = Some(Reset {
                    secret_hash,
                    expires_at,
                });
            }
            AccountEvent::RoleChanged { role } => {
                self.role = role;
                self.sessions_void = SessionsVoid {
                    before: version,
                    kept: None,
                };
            }
            AccountEvent::Deactivated {} | AccountEvent::Erased {} => {
                self.erased = matches!(event, AccountEvent::Erased {});
                self.active = false;
                self.reset = None;
                self.sessions_void = SessionsVoid {
                    before: version,
                    kept: None,
                };
            }
            AccountEvent::Activated {} => self.active = true,
            AccountEvent::StandingSet {
                user_type,
                trust_score,
            } => {
                self.standing = Standing {
                    user_type,
                    trust_score,
                };
            }
        }
    }
}
