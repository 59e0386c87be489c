//! The administrator that the first start makes.

use domain::{Profile, Refusal, Role, limits};
use secrecy::ExposeSecret;

use super::users::plain_counselor;
use crate::app::App;
use crate::auth::PasswordError;
use crate::commands::accounts::{RegisterAccount, first_admin};
use crate::commands::{Actor, CommandError, Request};

/// What a made password consists of: no look-alikes, one word.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Characters of a made password.
const MADE_LENGTH: usize = 26;

/// Why there is no administrator.
#[derive(Debug, thiserror::Error)]
pub enum FirstAdminError {
    #[error("admin.email must be an email address")]
    NotAnEmail,
    #[error("admin.password must have 8 to 1024 characters")]
    PasswordLength,
    #[error("admin.email belongs to an account already; set another")]
    EmailTaken,
    #[error("there are no random bytes for a password")]
    NoRandomBytes,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Makes the first administrator, unless that has happened. Gives the password where it had to
/// make one: nobody can find it out later.
pub async fn ensure_admin(app: &App) -> Result<Option<String>, FirstAdminError> {
    let account = first_admin();
    // Settings matter at the first start only; later they may say anything.
    if app.commands.known_account(account).await?.is_some() {
        return Ok(None);
    }
    let settings = &app.settings.admin;
    let email_key = app
        .authority
        .email_key(&settings.email)
        .ok_or(FirstAdminError::NotAnEmail)?;
    let given = settings.password.as_ref();
    let made = match given {
        Some(_) => None,
        None => Some(make_password()?),
    };
    let given = given.map(|password| password.expose_secret().to_owned());
    let password = given.or_else(|| made.clone()).unwrap_or_default();
    let allowed = limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX;
    if !allowed.contains(&password.chars().count()) {
        return Err(FirstAdminError::PasswordLength);
    }
    let email = settings.email.trim().to_owned();
    let command = RegisterAccount {
        account,
        email_key,
        role: Role::Admin,
        profile: Profile {
            name: "Administrator".to_owned(),
            email,
            ..Profile::default()
        },
        password_hash: app.authority.passwords.hash(&password).await?,
        counselor: plain_counselor(app),
    };
    let request = Request::new(Actor::system(), app.ids.next());
    match app.commands.execute(&request, &command).await {
        Ok(_) => Ok(made),
        // Another node was quicker.
        Err(CommandError::Refused(Refusal::AlreadyRegistered)) => Ok(None),
        Err(CommandError::Refused(Refusal::EmailTaken)) => Err(FirstAdminError::EmailTaken),
        Err(error) => Err(error.into()),
    }
}

fn make_password() -> Result<String, FirstAdminError> {
    let mut random = [0; MADE_LENGTH];
    getrandom::fill(&mut random).map_err(|_| FirstAdminError::NoRandomBytes)?;
    Ok(random
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_one_word_and_never_the_same() {
        let (one, two) = (make_password().unwrap(), make_password().unwrap());
        assert_eq!(one.len(), MADE_LENGTH);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, two);
    }
}
