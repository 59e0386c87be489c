//! The rules of one person's place in one room: marks never go back, settings are their own.

use serde::{Deserialize, Serialize};

use super::{MemberCommand, MemberEvent};
use crate::decide::{Decide, aggregate};
use crate::{MessageId, Refusal};

/// One person's place in one room. Its stream's id is `{room}-{person}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    read: Option<(MessageId, u64)>,
    delivered: u64,
    settings: MemberSettings,
}

/// What somebody has set for one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSettings {
    pub notification_enabled: bool,
    /// Whether the others are told how far they have read.
    pub read_receipt_enabled: bool,
}

/// Everything is on until it is turned off.
impl Default for MemberSettings {
    fn default() -> Self {
        Self {
            notification_enabled: true,
            read_receipt_enabled: true,
        }
    }
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

    pub fn settings(&self) -> MemberSettings {
        self.settings
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
            MemberCommand::ChangeSettings {
                room,
                person,
                notification_enabled,
                read_receipt_enabled,
            } => {
                let old = self.settings;
                let new = MemberSettings {
                    notification_enabled: notification_enabled.unwrap_or(old.notification_enabled),
                    read_receipt_enabled: read_receipt_enabled.unwrap_or(old.read_receipt_enabled),
                };
                if new == old {
                    return Ok(vec![]);
                }
                vec![MemberEvent::SettingsChanged {
                    room,
                    person,
                    notification_enabled: new.notification_enabled,
                    read_receipt_enabled: new.read_receipt_enabled,
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
            MemberEvent::SettingsChanged {
                notification_enabled,
                read_receipt_enabled,
                ..
            } => {
                self.settings = MemberSettings {
                    notification_enabled,
                    read_receipt_enabled,
                };
            }
        }
    }
}
