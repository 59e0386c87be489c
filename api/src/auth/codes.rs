//! Consultation codes: short enough to be read out, too many to be guessed.

use std::fmt;
use std::str::FromStr;

use domain::{CODE_HASH, ConsultationId};

use super::Pepper;

pub use domain::CODE_LENGTH;

/// Letters and digits without 0, O, 1, I and L, which people mix up.
const ALPHABET: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Random bytes at or above this would favour the first letters.
const FAIR_BYTES: u8 = 248;

/// The code by which the user's side finds its consultation. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsultationCode([u8; CODE_LENGTH]);

impl ConsultationCode {
    /// A new code from the machine's random source.
    ///
    /// # Errors
    /// The machine has no random bytes to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut code = [0; CODE_LENGTH];
        let mut filled = 0;
        while filled < CODE_LENGTH {
            let mut random = [0; 2 * CODE_LENGTH];
            getrandom::fill(&mut random)?;
            for byte in random.into_iter().filter(|byte| *byte < FAIR_BYTES) {
                if filled == CODE_LENGTH {
                    break;
                }
                code[filled] = ALPHABET[usize::from(byte) % ALPHABET.len()];
                filled += 1;
            }
        }
        Ok(Self(code))
    }

    /// The code that secret bytes stand for, always the same: for a request that may be repeated.
    pub fn derived(secret: &[u8; 32]) -> Self {
        let mut fair = secret.iter().copied().filter(|byte| *byte < FAIR_BYTES);
        // Of 32 bytes one falls out; that more than 23 do never happens.
        let code = std::array::from_fn(|_| {
            ALPHABET[usize::from(fair.next().unwrap_or(0)) % ALPHABET.len()]
        });
        Self(code)
    }

    pub fn as_str(&self) -> &str {
        // Only letters and digits ever get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The consultation that this code stands for on this system.
    pub fn consultation(&self, pepper: &Pepper) -> ConsultationId {
        ConsultationId::of_code_hash(&pepper.hash(CODE_HASH, &[&self.0]))
    }
}

/// It is not a code, so no consultation has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a consultation code")]
pub struct NotACode;

impl FromStr for ConsultationCode {
    type Err = NotACode;

    /// Reads a code in any case.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let mut code: [u8; CODE_LENGTH] = text.as_bytes().try_into().map_err(|_| NotACode)?;
        code.make_ascii_uppercase();
        if code.iter().all(|byte| ALPHABET.contains(byte)) {
            Ok(Self(code))
        } else {
            Err(NotACode)
        }
    }
}

impl fmt::Debug for ConsultationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsultationCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_have_no_look_alikes_and_do_not_repeat() {
        let codes: Vec<_> = (0..5_000)
            .map(|_| ConsultationCode::generate().unwrap())
            .collect();
        let distinct: HashSet<_> = codes.iter().map(ConsultationCode::as_str).collect();
        assert_eq!(distinct.len(), codes.len());
        assert!(codes.iter().all(|code| code.as_str().len() == CODE_LENGTH));
        assert!(
            codes
                .iter()
                .all(|code| !code.as_str().contains(['0', 'O', '1', 'I', 'L']))
        );
    }

    #[test]
    fn the_same_secret_gives_the_same_code() {
        let code = ConsultationCode::derived(&[7; 32]);
        assert_eq!(code, ConsultationCode::derived(&[7; 32]));
        assert_ne!(code, ConsultationCode::derived(&[8; 32]));
        assert_eq!(code.as_str().parse(), Ok(code.clone()));
    }

    #[test]
    fn every_letter_is_equally_likely() {
        let mut counts: HashMap<u8, u32> = HashMap::new();
        for _ in 0..20_000 {
            for byte in ConsultationCode::generate().unwrap().0 {
                *counts.entry(byte).or_default() += 1;
            }
        }
        assert_eq!(counts.len(), ALPHABET.len());
        // 180,000 draws over 31 letters: 5,806 each, standard deviation 75.
        for (letter, count) in counts {
            assert!(
                (5_350..6_260).contains(&count),
                "{}: {count}",
                char::from(letter)
            );
        }
    }

    #[test]
    fn case_does_not_matter_and_other_systems_have_other_ids() {
        let code: ConsultationCode = "abc234xyz".parse().unwrap();
        let same: ConsultationCode = "ABC234XYZ".parse().unwrap();
        let pepper = Pepper::new([1; 32]);
        assert_eq!(code.consultation(&pepper), same.consultation(&pepper));
        assert_ne!(
            code.consultation(&pepper),
            code.consultation(&Pepper::new([2; 32]))
        );
        let id = code.consultation(&pepper).0;
        assert_eq!(
            (id.get_version_num(), id.get_variant()),
            (8, uuid::Variant::RFC4122)
        );
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in [
            "",
            "ABC123XYZ",
            "ABC234XY",
            "ABC234XYZZ",
            "ABC234XY ",
            "ABC234XYO",
            "가나다",
        ] {
            assert_eq!(bad.parse::<ConsultationCode>(), Err(NotACode), "{bad}");
        }
    }

    #[test]
    fn a_code_is_never_printed() {
        let code = ConsultationCode::generate().unwrap();
        assert!(!format!("{code:?}").contains(code.as_str()));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in any::<String>()) {
            if let Ok(code) = text.parse::<ConsultationCode>() {
                prop_assert_eq!(code.as_str(), text.to_ascii_uppercase());
            }
        }

        #[test]
        fn what_was_made_reads_back(_round in 0..64_u8) {
            let code = ConsultationCode::generate().unwrap();
            prop_assert_eq!(code.as_str().to_ascii_lowercase().parse(), Ok(code));
        }
    }
}
