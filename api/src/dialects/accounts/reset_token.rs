//! What a one-time link carries: an account and a secret.

use std::fmt;
use std::str::FromStr;

use domain::AccountId;
use uuid::Uuid;

use crate::auth::secret_hash;

/// Hexadecimal digits of the secret.
const SECRET_DIGITS: usize = 64;

/// An account and the secret of its link. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ResetToken {
    pub(super) account: AccountId,
    secret: String,
}

/// The text is no such token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAToken;

impl ResetToken {
    pub(super) fn new(account: AccountId, secret: [u8; 32]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(SECRET_DIGITS);
        for byte in secret {
            // Writing to a string does not fail.
            if write!(text, "{byte:02x}").is_err() {
                break;
            }
        }
        Self {
            account,
            secret: text,
        }
    }

    /// What the log keeps of the secret.
    pub(super) fn secret_hash(&self) -> String {
        secret_hash(self.secret.as_bytes())
    }

    /// As the link carries it.
    pub(super) fn encode(&self) -> String {
        format!("{}{}", self.account.0.simple(), self.secret)
    }
}

impl FromStr for ResetToken {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let (account, secret) = text.split_at_checked(32).ok_or(NotAToken)?;
        let account = Uuid::try_parse(account).map_err(|_| NotAToken)?;
        let fine = secret.len() == SECRET_DIGITS
            && secret
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !fine {
            return Err(NotAToken);
        }
        Ok(Self {
            account: AccountId(account),
            secret: secret.to_owned(),
        })
    }
}

impl fmt::Debug for ResetToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResetToken({})", self.account)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_reads_back_and_never_prints_its_secret() {
        let token = ResetToken::new(AccountId(Uuid::from_u128(7)), [0xab; 32]);
        assert_eq!(token.encode().parse(), Ok(token.clone()));
        assert_eq!(token.encode().len(), 96);
        assert_eq!(token.secret_hash().len(), 64);
        assert!(!format!("{token:?}").contains("abab"));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let fine = ResetToken::new(AccountId(Uuid::nil()), [1; 32]).encode();
        for bad in ["", &fine[1..], &format!("{fine}0"), &fine.replace('1', "G")] {
            assert_eq!(bad.parse::<ResetToken>(), Err(NotAToken), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in any::<String>()) {
            prop_assert!(text.parse::<ResetToken>().is_err());
        }
    }
}
