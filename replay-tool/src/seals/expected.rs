//! A root that somebody noted outside, from the server's own log, as `WHERE=ROOT`.

use std::fmt;
use std::str::FromStr;

use event_store::Position;
use event_store::log_seal::read_hex;
use jiff::civil::Date;

/// The root of one seal, as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedRoot {
    pub place: Place,
    /// Hexadecimal, lower case.
    pub root: String,
}

/// Which seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The one that stands at this position.
    Position(Position),
    /// The last one of this UTC day.
    Day(Date),
}

impl FromStr for ExpectedRoot {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a root is DATE=ROOT or POSITION=ROOT, with 64 hexadecimal characters";
        let (place, root) = text.split_once('=').ok_or(WRONG)?;
        let place = match place.parse() {
            Ok(position) => Place::Position(position),
            Err(_) => Place::Day(place.parse().map_err(|_| WRONG)?),
        };
        let root = root.to_ascii_lowercase();
        read_hex::<32>(&root).ok_or(WRONG)?;
        Ok(Self { place, root })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => write!(f, "position {position}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_noted_for_a_day_or_a_position() {
        let root = "Ab".repeat(32);
        let of = |place: &str| format!("{place}={root}").parse::<ExpectedRoot>();
        assert_eq!(of("17").unwrap().place, Place::Position(17));
        assert_eq!(of("2026-11-21").unwrap().place.to_string(), "2026-11-21");
        assert_eq!(of("17").unwrap().root, "ab".repeat(32));
        for wrong in ["", "-1", "2026-13-01", "x"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        for wrong in ["17", "17=", "17=ab"] {
            assert!(wrong.parse::<ExpectedRoot>().is_err(), "{wrong}");
        }
    }
}
