//! What is left of an email or a telephone number for those who may not know it.

/// Stands for all that is left out of an email, however much it was.
const LEFT_OUT: &str = "***";

/// Characters of a telephone number that are shown at its beginning and at its end.
const PHONE_ENDS: (usize, usize) = (3, 4);

/// `j***@example.com`.
pub(super) fn email(email: &str) -> String {
    let (name, host) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}{LEFT_OUT}@{host}")
}

/// `+63******6789`; nothing but stars where too little would be left out.
pub(super) fn phone(phone: &str) -> String {
    let letters: Vec<char> = phone.chars().collect();
    let (first, last) = PHONE_ENDS;
    let shown_from = letters.len().saturating_sub(last);
    // Less than half of it is to be seen.
    let is_long = letters.len() >= 2 * (first + last) - 2;
    let star = |(at, letter): (usize, &char)| {
        let shown = is_long && (at < first || at >= shown_from);
        if shown { *letter } else { '*' }
    };
    letters.iter().enumerate().map(star).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_email_the_first_letter_and_the_host_are_left() {
        assert_eq!(email("john@example.com"), "j***@example.com");
        assert_eq!(email("가@example.com"), "가***@example.com");
        assert_eq!(email("\"a@b\"@example.com"), "\"***@example.com");
    }

    #[test]
    fn of_a_telephone_number_both_ends_are_left_if_it_is_long() {
        assert_eq!(phone("+639123456789"), "+63******6789");
        assert_eq!(phone("010-1234-5678"), "010******5678");
        assert_eq!(phone("12345678"), "********");
        assert_eq!(phone(""), "");
    }
}
