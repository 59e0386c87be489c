//! One line of a timeline.

use std::fmt;

use event_store::{Position, Recorded};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::texts::Text;

/// Characters of an id that people are shown: the last ones, which are random.
const SHORT_ID_CHARS: usize = 8;

/// What happened at one position.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub position: Position,
    pub number: u64,
    /// RFC 3339 in UTC with microseconds; null for a time that no calendar has.
    pub recorded_at: Option<String>,
    pub stream: String,
    pub sequence: u64,
    #[serde(rename = "type")]
    pub event_type: String,
    pub version: String,
    /// Null for the system itself.
    pub actor: Option<Uuid>,
    pub role: String,
    /// In plain English, without any text.
    pub what: String,
    pub texts: Vec<Text>,
}

impl Entry {
    pub fn new(event: &Recorded, what: String, texts: Vec<Text>) -> Self {
        Self {
            position: event.position,
            number: event.number(),
            recorded_at: Timestamp::from_microsecond(event.recorded_at)
                .ok()
                .map(|time| format!("{time:.6}")),
            stream: event.stream.to_string(),
            sequence: event.sequence,
            event_type: event.event_type.to_string(),
            version: event.event_version.to_string(),
            actor: event.metadata.actor,
            role: event.metadata.role.to_string(),
            what,
            texts,
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.recorded_at.as_deref().unwrap_or("at no known time");
        let mut who = printable(&self.role);
        if let Some(actor) = self.actor {
            who = format!("{who} {}", short(&actor.to_string()));
        }
        write!(f, "{time} {:>9}  {who:<19} {}", self.position, self.what)?;
        for text in &self.texts {
            write!(f, " {text}")?;
        }
        Ok(())
    }
}

/// The end of an id, which is enough to tell it from the others of one timeline.
pub fn short(id: &str) -> String {
    let start = id.len().saturating_sub(SHORT_ID_CHARS);
    id.get(start..).unwrap_or(id).to_owned()
}

/// A text that a terminal shows and does not obey: control characters, and those that turn the
/// direction of what follows, are written as escapes.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn turns(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_no_text() {
        assert_eq!(printable("안녕 \u{1f642}"), "안녕 \u{1f642}");
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\u{a}b");
        assert_eq!(printable("\u{202e}b\u{9b}"), "\\u{202e}b\\u{9b}");
    }

    #[test]
    fn an_id_is_known_by_its_end() {
        assert_eq!(short("0192f0c1-7a00-7000-8000-0000abcd0005"), "abcd0005");
        assert_eq!(short("5"), "5");
    }
}
