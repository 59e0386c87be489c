//! An email address's rules: one account at a time.

use serde::{Deserialize, Serialize};

use super::{EmailCommand, EmailEvent};
use crate::decide::{Decide, aggregate};
use crate::{AccountId, Refusal};

/// An email address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Email {
    #[default]
    Free,
    ReservedBy(AccountId),
}

aggregate!(Email, "email", EmailCommand, EmailEvent);

impl Email {
    /// Whose it is.
    pub fn account(&self) -> Option<AccountId> {
        match *self {
            Self::Free => None,
            Self::ReservedBy(account) => Some(account),
        }
    }
}

impl Decide for Email {
    fn decide(&self, command: EmailCommand) -> Result<Vec<EmailEvent>, Refusal> {
        match (command, self.account()) {
            (EmailCommand::Reserve { account }, None) => Ok(vec![EmailEvent::Reserved { account }]),
            (EmailCommand::Reserve { account }, Some(owner)) if account == owner => Ok(vec![]),
            (EmailCommand::Reserve { .. }, Some(_)) => Err(Refusal::EmailTaken),
            (EmailCommand::Release { account }, Some(owner)) if account == owner => {
                Ok(vec![EmailEvent::Released { account }])
            }
            // It is not this account's: already so.
            (EmailCommand::Release { .. }, _) => Ok(vec![]),
        }
    }
}

impl Email {
    fn evolve(&mut self, event: EmailEvent) {
        match (*self, event) {
            (Self::Free, EmailEvent::Reserved { account }) => *self = Self::ReservedBy(account),
            (Self::ReservedBy(owner), EmailEvent::Released { account }) if owner == account => {
                *self = Self::Free;
            }
            (Self::Free, EmailEvent::Released { .. }) | (Self::ReservedBy(_), _) => {}
        }
    }
}
