//! The first and the last line of a bundle: whose it is, and that it ends where it ends.

use domain::SealStatement;
use event_store::Position;
use event_store::log_seal::{SealKey, hex};
use serde::{Deserialize, Serialize};

use super::line::EventLine;
use super::tail::Tail;
use crate::failure::Failure;

/// The form that is written and read here.
const FORM: u32 = 1;

/// One line of a bundle.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Begin(Begin),
    End(End),
    Event(Box<EventLine>),
}

impl Line {
    pub fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|cause| Failure::Report(cause.to_string()))
    }
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    pub maeum_bundle: u32,
    /// The public key of whoever exported it, hexadecimal. It proves nothing unless it is one that
    /// was noted elsewhere.
    pub key: Option<String>,
}

impl Begin {
    pub fn new(key: Option<String>) -> Self {
        Self {
            maeum_bundle: FORM,
            key,
        }
    }

    pub fn is_known(&self) -> bool {
        self.maeum_bundle == FORM
    }
}

/// The last line: what stands behind the newest seal, as a seal would say it, and that nothing
/// comes after it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub end: EndClaim,
}

/// What the last line says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndClaim {
    /// The first position that no seal in the bundle covers.
    pub from: Position,
    /// The last event of the bundle.
    pub to: Position,
    pub root: String,
    /// The root of the newest seal.
    pub previous: String,
    /// As in a seal.
    pub leaves: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
    /// Ed25519 over the [statement](EndClaim::statement), hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signature: Option<String>,
}

impl EndClaim {
    /// What the signature is over. It is not what that of a seal is over, so that neither can be
    /// taken for the other.
    pub fn statement(&self) -> String {
        let seal = SealStatement {
            from: self.from,
            to: self.to,
            root: &self.root,
            previous: &self.previous,
            leaves: &self.leaves,
        };
        format!("maeum bundle {FORM}\n{seal}")
    }
}

impl End {
    pub fn of(tail: &Tail, key: Option<&SealKey>) -> Self {
        let range = tail.range();
        let mut end = EndClaim {
            from: range.from(),
            to: range.to(),
            root: hex(&range.root()),
            previous: hex(&range.previous()),
            leaves: range.leaves(),
            key: None,
            signature: None,
        };
        if let Some(key) = key {
            end.signature = Some(key.sign(&end.statement()));
            end.key = Some(key.public());
        }
        Self { end }
    }
}
