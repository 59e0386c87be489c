//! What is said: who says it and when, found again in whatever frame it comes back.

use std::time::Duration;

use crate::failure::Failure;

/// Stands around sender and time in every text, and nowhere else in a frame.
const MARK: &str = "@@";

/// What is said besides; as long as a usual message.
const WORDS: &str = "요즘 잠을 잘 못 자고 있어요. 새벽마다 깨서 한참을 뒤척여요.";

/// A text that needs no escapes in JSON. The time is told to the microsecond.
pub fn text(sender: usize, sent: Duration) -> String {
    format!("{MARK}{sender}.{}{MARK} {WORDS}", sent.as_micros())
}

/// Who sent a message and when; none for other frames. A refusal is a failure.
pub fn stamp(frame: &str) -> Result<Option<(usize, Duration)>, Failure> {
    let mut pieces = frame.splitn(3, MARK);
    let (Some(before), Some(stamp), Some(_)) = (pieces.next(), pieces.next(), pieces.next()) else {
        if frame.contains(r#""type":"error""#) {
            return Err(Failure::Wrong(format!("a message was refused: {frame}")));
        }
        return Ok(None);
    };
    let (sender, sent) = stamp.split_once('.').unwrap_or_default();
    match (sender.parse(), sent.parse()) {
        (Ok(sender), Ok(sent)) => Ok(Some((sender, Duration::from_micros(sent)))),
        _ => Err(Failure::Wrong(format!("{before}{MARK}{stamp} is no stamp"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_in_the_text_and_a_refusal_is_a_failure() {
        let sent = Duration::from_micros(250);
        let frame = format!(r#"{{"message":"{}","type":"message"}}"#, text(17, sent));
        assert_eq!(stamp(&frame).unwrap(), Some((17, sent)));
        assert_eq!(stamp(r#"{"type":"status"}"#).unwrap(), None);
        assert!(stamp(r#"{"type":"error","status":429}"#).is_err());
        assert!(stamp("@@x@@").is_err());
    }
}
