//! Seals held against the events that they vouch for, and against what is remembered of them
//! outside the log.

mod expected;
mod outside;
mod vouched;

use std::fmt;

use domain::{NO_ROOT, Seal, SealEvent, SealStatement};
use event_store::keys::{KeyError, KeyStore};
use event_store::log_seal::{SealHead, SealKey, is_signed, leaf_of};
use event_store::{Position, Recorded};
use serde::Serialize;

pub use self::expected::ExpectedRoot;
use self::outside::Outside;
use self::vouched::{Claim, Leaves};
use crate::bundle::EndClaim;
use crate::finding::{Finding, FindingKind};

/// The type of seals.
const SEALED: &str = "log.sealed";

/// What a walk found of seals.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    pub seals: u64,
    /// Everything up to this position is vouched for by a seal; what is behind it is too new.
    pub sealed_to: Position,
    /// Where the newest seal stands.
    pub newest: Option<Position>,
    /// The root of the newest seal, hexadecimal.
    pub root: Option<String>,
    /// The public key that seals have to be signed with, hexadecimal.
    pub key: Option<String>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seals {
            0 => f.write_str("without a seal"),
            seals => write!(f, "{seals} seals over positions 1 to {}", self.sealed_to),
        }
    }
}

/// What the walk knows of seals. It holds a hash for each event that is not sealed yet.
pub struct SealCheck {
    leaves: Leaves,
    outside: Outside,
    /// What the next seal has to go on from; none where the one before could not be read.
    before: Option<(Position, String)>,
    summary: Summary,
}

impl SealCheck {
    /// Asks the key store for the key that signs and the newest seal. To be made before the head
    /// of the log is asked for. Without a key of the store or `key`, the first seal's counts.
    pub fn new(
        keys: &dyn KeyStore,
        key: Option<String>,
        expected: Vec<ExpectedRoot>,
    ) -> Result<Self, KeyError> {
        let heads = SealHead::all(keys)?;
        let stored = SealKey::find(keys)?.map(|key| key.public());
        Ok(Self {
            leaves: Leaves::default(),
            outside: Outside::new(heads, expected),
            before: Some((0, NO_ROOT.to_owned())),
            summary: Summary {
                key: key.or(stored),
                ..Summary::default()
            },
        })
    }

    /// The key to go by where none was named.
    pub fn trust(&mut self, key: Option<String>) {
        self.summary.key = self.summary.key.take().or(key);
    }

    /// An event, before anything is said of its content.
    pub fn event(&mut self, event: &Recorded, found: &mut Vec<Finding>) {
        let leaf = leaf_of(event);
        self.leaves.add(event.position, leaf);
        self.outside.event(event, &leaf, found);
    }

    /// An event whose content does not decode. If it was a seal, nobody knows where the next one
    /// has to begin.
    pub fn undecodable(&mut self, event: &Recorded) {
        if &*event.event_type == SEALED || event.stream.as_str() == Seal::STREAM {
            self.before = None;
        }
    }

    /// Something that could not be read: it may have been a seal.
    pub fn unreadable(&mut self) {
        self.before = None;
    }

    /// A seal, after the event that it is.
    pub fn seal(&mut self, event: &Recorded, seal: &SealEvent, found: &mut Vec<Finding>) {
        let SealEvent::Sealed {
            from,
            to,
            root,
            previous,
            ..
        } = seal;
        self.summary.seals += 1;
        self.outside.seal(event, root);
        if let Some((sealed_to, before)) = &self.before
            && (*from != sealed_to + 1 || previous != before)
        {
            let detail = format!(
                "the seal goes on from position {from}; the one before it ends at {sealed_to}, or \
                 has another root"
            );
            found.push(Finding::at(event, FindingKind::SealInvalid, detail));
        }
        self.before = Some((*to, root.clone()));
        if let Err(detail) = self.vouches(event, seal, found) {
            found.push(Finding::at(event, FindingKind::SealInvalid, detail));
        }
        self.leaves.drop_up_to(*to);
        self.summary.sealed_to = (*to).min(event.position.saturating_sub(1));
        self.summary.newest = Some(event.position);
        self.summary.root = Some(root.clone());
    }

    /// Compares the events of a seal with it; fails where the seal itself is at fault.
    fn vouches(
        &mut self,
        event: &Recorded,
        seal: &SealEvent,
        found: &mut Vec<Finding>,
    ) -> Result<(), String> {
        let SealEvent::Sealed {
            from,
            to,
            root,
            previous,
            leaves,
            key,
            signature,
        } = seal;
        let trusted = self.summary.key.get_or_insert_with(|| key.clone());
        if trusted != key {
            return Err(format!("the seal is signed with another key, {key}"));
        }
        let statement = SealStatement {
            from: *from,
            to: *to,
            root,
            previous,
            leaves,
        };
        if !is_signed(key, &statement.to_string(), signature) {
            return Err("the seal's signature is not of what it says".to_owned());
        }
        let claim = Claim::read(&statement)
            .filter(|claim| !claim.leaves.is_empty())
            .ok_or_else(|| "the seal is not of the shape of one".to_owned())?;
        if *to >= event.position {
            let detail = format!(
                "the seal that stands here covers everything up to position {to}, which should \
                 stand before it"
            );
            found.push(Finding::at(event, FindingKind::CutOff, detail));
        }
        self.leaves.compare(&claim, event.position, found);
        Ok(())
    }

    /// The end of a bundle whose last event stands at `head`.
    pub fn bundle_end(&mut self, end: &EndClaim, head: Position, found: &mut Vec<Finding>) {
        let place = end.to.max(1);
        let mut invalid = |detail: String| {
            found.push(Finding::nameless(place, FindingKind::SealInvalid, detail));
        };
        if let Some((sealed_to, before)) = &self.before
            && (end.from != sealed_to + 1 || end.previous != *before)
        {
            invalid("the end does not go on from the newest seal".to_owned());
        }
        let statement = SealStatement {
            from: end.from,
            to: end.to,
            root: &end.root,
            previous: &end.previous,
            leaves: &end.leaves,
        };
        match (&end.key, &end.signature) {
            (None, None) => {}
            (Some(key), Some(signature)) => {
                let trusted = self.summary.key.get_or_insert_with(|| key.clone());
                if trusted != key {
                    invalid(format!("the end is signed with another key, {key}"));
                } else if !is_signed(key, &end.statement(), signature) {
                    invalid("the end's signature is not of what it says".to_owned());
                }
            }
            _ => invalid("the end has half a signature".to_owned()),
        }
        let Some(claim) = Claim::read(&statement) else {
            invalid("the end is not of the shape of one".to_owned());
            return;
        };
        if end.to > head {
            let detail = format!(
                "the bundle was made of everything up to position {}",
                end.to
            );
            found.push(Finding::nameless(head + 1, FindingKind::CutOff, detail));
        }
        if end.to < head {
            let detail = format!(
                "the bundle was made of everything up to position {}",
                end.to
            );
            found.push(Finding::nameless(end.to + 1, FindingKind::Changed, detail));
        }
        self.leaves.compare(&claim, end.to + 1, found);
    }

    /// After the last event that there is.
    pub fn end(&mut self, head: Position, found: &mut Vec<Finding>) -> Summary {
        self.outside.end(head, found);
        std::mem::take(&mut self.summary)
    }
}
