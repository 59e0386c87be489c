//! Emails: what counts as one, and as the same one.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::Pepper;

/// Longest address that mail can be sent to, RFC 5321.
const MAX_BYTES: usize = 254;

/// Longest part before the `@`, RFC 5321.
const MAX_LOCAL_BYTES: usize = 64;

/// An email, normalised: trimmed, NFC, in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; none if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim();
        // Normalising can lengthen a text: what is far too long is not normalised at all.
        if trimmed.len() > 4 * MAX_BYTES {
            return None;
        }
        // Lower case can undo NFC, so it comes first.
        let email: String = trimmed
            .nfc()
            .collect::<String>()
            .to_lowercase()
            .nfc()
            .collect();
        let (local, domain) = email.rsplit_once('@')?;
        let fine = email.len() <= MAX_BYTES
            && !local.is_empty()
            && local.len() <= MAX_LOCAL_BYTES
            && local.split('.').all(|part| !part.is_empty())
            && local.chars().all(may_stand_in_local)
            && domain.split('.').all(is_label);
        fine.then_some(Self(email))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the email's stream.
    pub fn key(&self, pepper: &Pepper) -> String {
        pepper.hex("email", &[self.0.as_bytes()])
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

fn may_stand_in_local(character: char) -> bool {
    character.is_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(character)
        || (!character.is_ascii() && !character.is_control() && !character.is_whitespace())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .chars()
            .all(|character| character.is_alphanumeric() || character == '-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_address_is_the_same_however_it_is_written() {
        let pepper = Pepper::new([1; 32]);
        let key = |text: &str| Email::parse(text).unwrap().key(&pepper);
        assert_eq!(key("Mina@Example.COM"), key("  mina@example.com\n"));
        assert_eq!(key("민아@example.com"), key("민아@example.com"));
        assert_ne!(key("mina@example.com"), key("mina@example.org"));
        assert_eq!(key("mina@example.com").len(), 64);
    }

    #[test]
    fn what_cannot_be_an_address_is_none() {
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "@",
            "mina",
            "mina@",
            "@example.com",
            "a b@example.com",
            "a@b@c.com",
            "a..b@c.com",
            ".a@c.com",
            "a@-c.com",
            "a@c-.com",
            "a@c..com",
            "a@c.com.",
            "a\0@c.com",
            "a\n@c.com",
            "<a@c.com>",
            "a@c.com, d@e.com",
            "a\u{200b}\u{2028}@c.com ,",
            &long,
        ] {
            assert!(Email::parse(bad).is_none(), "{bad:?}");
        }
        for fine in [
            "admin@localhost",
            "a.b+c@d-e.co.kr",
            "o'neil@example.com",
            "민아@예.한국",
        ] {
            assert!(Email::parse(fine).is_some(), "{fine}");
        }
    }

    #[test]
    fn an_email_is_never_printed() {
        let email = Email::parse("mina@example.com").unwrap();
        assert!(!format!("{email:?}").contains("mina"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{1,12}@\\PC{1,12}") {
            if let Some(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Some(email));
            }
        }

        #[test]
        fn no_text_breaks_the_parser(text in any::<String>()) {
            prop_assert!(Email::parse(&text).is_none_or(|email| email.as_str().contains('@')));
        }
    }
}
