//! Names of files: for display only, since a name is whatever somebody wrote.

use domain::limits::FILE_NAME_CHARS;
use unicode_normalization::UnicodeNormalization;

/// What a file is called whose name has nothing to be shown.
const NAMELESS: &str = "file";

/// Characters of an ending that is kept where a name is cut.
const ENDING_CHARS: usize = 16;

/// Bytes of a header's value that stand for themselves (RFC 8187, `attr-char`).
const PLAIN: &[u8] = b"!#$&+-.^_`|~";

/// A name as it can be shown: without path, control characters and those that turn the direction
/// of writing, at most 255 characters with its ending kept.
pub(super) fn displayed(given: &str) -> String {
    let own = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = own.chars().filter(|char| !is_hidden(*char)).nfc().collect();
    let shown = cut(trimmed(&shown));
    match trimmed(&shown) {
        "" => NAMELESS.to_owned(),
        name => name.to_owned(),
    }
}

/// Without dots and white space around it.
fn trimmed(name: &str) -> &str {
    name.trim_matches(|char: char| char.is_whitespace() || char == '.')
}

fn cut(name: &str) -> String {
    let chars = name.chars().count();
    if chars <= FILE_NAME_CHARS {
        return name.to_owned();
    }
    let ending: String = match name.rfind('.') {
        Some(dot) if name[dot..].chars().count() <= ENDING_CHARS => name[dot..].to_owned(),
        _ => String::new(),
    };
    let kept = FILE_NAME_CHARS - ending.chars().count();
    name.chars().take(kept).chain(ending.chars()).collect()
}

/// Controls, separators of lines, and what makes a name look like another one.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

/// The header `Content-Disposition` (RFC 6266): the name in ASCII for those who know no better,
/// and in full.
pub(super) fn disposition(inline: bool, name: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let ascii: String = name
        .chars()
        .map(|char| match char {
            '"' | '\\' | '%' => '_',
            ' '..='~' => char,
            _ => '_',
        })
        .collect();
    format!(
        "{how}; filename=\"{ascii}\"; filename*=UTF-8''{}",
        encoded(name)
    )
}

fn encoded(name: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            text.push(byte.into());
        } else {
            text.push('%');
            text.push(DIGITS[usize::from(byte >> 4)].into());
            text.push(DIGITS[usize::from(byte & 15)].into());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_has_no_path() {
        for (given, shown) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\mina\\사진.jpg", "사진.jpg"),
            ("/absolute", "absolute"),
            ("..", "file"),
            ("dir/", "file"),
            ("...hidden", "hidden"),
            ("", "file"),
            ("  a b.txt ", "a b.txt"),
            ("name. . ", "name"),
        ] {
            assert_eq!(displayed(given), shown, "{given:?}");
        }
    }

    #[test]
    fn nothing_unseen_makes_a_name_look_like_another() {
        assert_eq!(displayed("invoice\u{202e}gpj.exe"), "invoicegpj.exe");
        assert_eq!(displayed("a\u{200f}\u{2066}b\r\nc\u{7f}\t.txt"), "abc.txt");
        assert_eq!(displayed("\u{202e}"), "file");
        assert_eq!(
            displayed("가족 👨‍👩‍👧.png"),
            "가족 👨‍👩‍👧.png",
            "joined pictures stay"
        );
        assert_eq!(
            displayed("\u{1112}\u{1161}\u{11ab}.txt"),
            "한.txt",
            "macOS takes letters apart"
        );
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let cut = displayed(&format!("{}.jpeg", "가".repeat(300)));
        assert_eq!(cut.chars().count(), FILE_NAME_CHARS);
        assert!(cut.ends_with("가.jpeg"));
        let cut = displayed(&format!("a.{}", "b".repeat(300)));
        assert_eq!(cut.chars().count(), FILE_NAME_CHARS);
    }

    #[test]
    fn a_header_holds_the_name_in_ascii_and_in_full() {
        assert_eq!(
            disposition(false, "보고서 \"1\".pdf"),
            "attachment; filename=\"___ _1_.pdf\"; \
             filename*=UTF-8''%EB%B3%B4%EA%B3%A0%EC%84%9C%20%221%22.pdf"
        );
        assert!(disposition(true, "a.png").starts_with("inline; filename=\"a.png\";"));
    }

    proptest! {
        #[test]
        fn every_name_can_be_shown_and_stands_in_a_header(given in any::<String>()) {
            let name = displayed(&given);
            prop_assert!((1..=FILE_NAME_CHARS).contains(&name.chars().count()));
            let foul = ['/', '\\', '\0', '\n', '\r', '\u{202e}'];
            prop_assert!(!name.contains(foul));
            prop_assert_eq!(displayed(&name), name.clone());
            let header = disposition(false, &name);
            prop_assert!(axum::http::HeaderValue::from_str(&header).is_ok());
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
