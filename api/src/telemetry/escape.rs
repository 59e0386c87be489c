//! A writer that lets no control character through, so that no text can forge a line or move a
//! terminal's cursor.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// Wraps what makes writers. JSON itself escapes the control characters of ASCII; the others
/// stand in texts only, where an escape means the same.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<W>(pub W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Escaped<W> {
    type Writer = EscapedWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        EscapedWriter(self.0.make_writer())
    }
}

/// Writes lines with their control characters escaped.
pub struct EscapedWriter<W>(W);

impl<W: Write> Write for EscapedWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) if text.chars().any(must_be_escaped) => {
                self.0.write_all(escape(text).as_bytes())?;
            }
            _ => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Control characters, line separators, and what turns the direction of text around.
fn must_be_escaped(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if must_be_escaped(character) {
            escaped.extend(["\\u", &format!("{:04x}", u32::from(character))]);
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_hostile_text_stays_one_line_of_json_that_says_the_same() {
        let kept = Kept::default();
        let made = kept.clone();
        let layer = crate::telemetry::lines(move || made.clone());
        let hostile = "a\r\n{\"level\":\"INFO\"}\x1b[31m\x7f\u{9b}2J\u{2028}\u{202e}\u{85}민아";
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(agent = hostile, "a request {}", hostile);
        });
        let written = String::from_utf8(kept.0.lock().clone()).unwrap();
        assert_eq!(written.matches('\n').count(), 1, "{written}");
        assert!(
            !written.trim_end().chars().any(must_be_escaped),
            "{written:?}"
        );
        let line: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(line["agent"], hostile);
        assert_eq!(line["level"], "INFO");
    }
}
