//! The rules of one person's place in one room: marks never go back.

use serde::{Deserialize, Serialize};

use super::{MemberCommand, MemberEvent};
use crate::decide::{Decide, aggregate};
use crate::{MessageId, Refusal};

/// One person's place in one room. Its stream's id is `{room}-{person}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    read: Option<(MessageId, u64)>,
    delivered: u64,
}

aggregate!(Member, "member", MemberCommand, MemberEvent);

impl Member {
    /// The last message that was read, and its number.
    pub fn read_mark(&self) -> Option<(MessageId, u64)> {
        self.read
    }

    /// The number up to which everything was delivered; 0 for nothing yet.
    pub fn delivered_mark(&self) -> u64 {
        self.delivered
    }

    fn read_number(&self) -> u64 {
        self.read.map_or(0, |(_, number)| number)
    }
}

impl Decide for Member {
    fn decide(&self, command: MemberCommand) -> Result<Vec<MemberEvent>, Refusal> {
        Ok(match command {
            MemberCommand::MarkRead {
                room,
                person,
                message,
                number,
            } => {
                if number <= self.read_number() {
                    return Ok(vec![]);
                }
                vec![MemberEvent::Read {
                    room,
                    person,
                    message,
                    number,
                }]
            }
            MemberCommand::MarkDelivered {
                room,
                person,
                number,
            } => {
                if number <= self.delivered {
                    return Ok(vec![]);
                }
                vec![MemberEvent::Delivered {
                    room,
                    person,
                    number,
                }]
            }
        })
    }
}

impl Member {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "every aggregate takes its events so"
    )]
    fn evolve(&mut self, event: MemberEvent) {
        match event {
            MemberEvent::Read {
                message, number, ..
            } if number > self.read_number() => {
                self.read = Some((message, number));
            }
            MemberEvent::Read { .. } => {}
            MemberEvent::Delivered { number, .. } => self.delivered = self.delivered.max(number),
        }
    }
}
