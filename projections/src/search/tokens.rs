//! Keyed hashes that stand for pieces of text, so that the index holds no text.

use std::fmt::Write as _;

use domain::RoomId;
use event_store::keys::keyed_hash;
use siphasher::sip::SipHasher24;
use zeroize::Zeroizing;

/// Pieces of a query that the index is asked for; a longer query is confirmed by the texts.
const ASKED_GRAMS: usize = 32;

/// The longest piece, in characters.
const PIECE_CHARS: usize = 2;

/// Bits of a piece's hash. Two pieces with the same one cost a look at a text and nothing else.
const GRAM_BITS: u32 = 40;

/// The secret of the index.
pub struct Tokens(Zeroizing<[u8; 32]>);

impl Tokens {
    /// Under a secret of this purpose alone. With another one nothing is found in an index that
    /// was made under this.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The tokens of one room's texts, which no other room shares.
    pub(super) fn of_room(&self, room: RoomId) -> RoomTokens {
        RoomTokens(self.hasher("room", room.0.as_bytes()))
    }

    /// What stands for a key under which a message is sealed, so that what the key made readable
    /// can be taken out of the index.
    pub(super) fn of_key(&self, name: &str) -> u64 {
        let hash = self.hasher("keys", &[]).hash(name.as_bytes());
        // Above all pieces of texts, and not negative in a store that has only signed integers.
        (hash >> 1) | (1 << 62)
    }

    fn hasher(&self, purpose: &str, part: &[u8]) -> SipHasher24 {
        let hash = Zeroizing::new(keyed_hash(&self.0, purpose, &[part]));
        let mut key = Zeroizing::new([0; 16]);
        key.copy_from_slice(&hash[..16]);
        SipHasher24::new_with_key(&key)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// The tokens of one room.
pub(super) struct RoomTokens(SipHasher24);

impl RoomTokens {
    /// Every character and every two neighbours of a folded text, each once.
    pub fn of_text(&self, folded: &str) -> Vec<u64> {
        let mut tokens: Vec<u64> = grams(folded, 1)
            .chain(grams(folded, PIECE_CHARS))
            .map(|gram| self.token(gram))
            .collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// Those that every text has in which a folded query stands.
    pub fn of_query(&self, folded: &str) -> Vec<u64> {
        let mut tokens: Vec<u64> = grams(folded, PIECE_CHARS)
            .map(|gram| self.token(gram))
            .collect();
        if tokens.is_empty() {
            tokens = grams(folded, 1).map(|gram| self.token(gram)).collect();
        }
        tokens.sort_unstable();
        tokens.dedup();
        // Being hashes, the first are as good as any.
        tokens.truncate(ASKED_GRAMS);
        tokens
    }

    fn token(&self, gram: &str) -> u64 {
        self.0.hash(gram.as_bytes()) >> (u64::BITS - GRAM_BITS)
    }
}

/// Whether a folded query is one piece, so that a text has its token if and only if it says it.
pub(super) fn is_piece(folded: &str) -> bool {
    folded.chars().nth(PIECE_CHARS).is_none()
}

/// Tokens as the stores take them: numbers with spaces between.
pub(super) fn text(tokens: &[u64]) -> String {
    let mut text = String::with_capacity(tokens.len() * 14);
    for token in tokens {
        if !text.is_empty() {
            text.push(' ');
        }
        // Writing to a string does not fail.
        write!(text, "{token}").unwrap_or_default();
    }
    text
}

/// Every run of so many neighbouring characters.
fn grams(text: &str, length: usize) -> impl Iterator<Item = &str> {
    let ends = text
        .char_indices()
        .map(|(start, letter)| start + letter.len_utf8())
        .skip(length - 1);
    let starts = text.char_indices().map(|(start, _)| start);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use domain::RoomId;
    use uuid::Uuid;

    use super::*;

    fn room(number: u128) -> RoomTokens {
        Tokens::new([1; 32]).of_room(RoomId(Uuid::from_u128(number)))
    }

    #[test]
    fn pieces_are_characters_and_pairs_of_them_with_white_space() {
        let all = |text, length| grams(text, length).collect::<Vec<_>>();
        assert_eq!(all("가 나🙂", 1), ["가", " ", "나", "🙂"]);
        assert_eq!(all("가 나🙂", 2), ["가 ", " 나", "나🙂"]);
        assert_eq!(all("가", 2), [""; 0]);
        assert_eq!(all("", 1), [""; 0]);
    }

    #[test]
    fn a_text_has_the_tokens_of_every_part_of_it() {
        let text = "오늘은 날씨가 참 좋네요";
        let tokens = room(1).of_text(text);
        for length in 1..=text.chars().count() {
            for part in grams(text, length) {
                for token in room(1).of_query(part) {
                    assert!(tokens.contains(&token), "{part}");
                }
            }
        }
        assert_eq!(room(1).of_query("오늘").len(), 1);
        assert_eq!(room(1).of_query("오").len(), 1);
        assert!(is_piece("오") && is_piece("오늘") && !is_piece("오늘은"));
    }

    #[test]
    fn rooms_and_secrets_have_tokens_of_their_own() {
        let tokens = room(1).of_text("안녕하세요");
        let other_room = room(2).of_text("안녕하세요");
        let secret = Tokens::new([2; 32]);
        let other_secret = secret.of_room(RoomId(Uuid::from_u128(1)));
        for other in [other_room, other_secret.of_text("안녕하세요")] {
            assert!(other.iter().all(|token| !tokens.contains(token)));
        }
        let name = "room:1";
        assert_ne!(secret.of_key(name), Tokens::new([1; 32]).of_key(name));
    }

    #[test]
    fn a_key_has_a_token_that_no_text_can_have() {
        let tokens = Tokens::new([1; 32]);
        for number in 0..100 {
            let token = tokens.of_key(&format!("account:{number}"));
            assert!(token > 1 << GRAM_BITS && i64::try_from(token).is_ok());
        }
    }

    #[test]
    fn a_long_query_asks_for_some_of_its_pieces() {
        let long: String = ('가'..='갿').collect();
        assert_eq!(room(1).of_query(&long).len(), ASKED_GRAMS);
        assert!(room(1).of_text(&long).len() > 2 * ASKED_GRAMS);
    }

    #[test]
    fn tokens_are_written_as_numbers_with_spaces_between() {
        assert_eq!(text(&[1, 20, 300]), "1 20 300");
        assert_eq!(text(&[]), "");
    }
}
