//! What matching knows of one counsellor, folded from their events with their times.

use serde::{Deserialize, Serialize};

use crate::{CounselorEvent, CounselorId, CounselorStatus};

/// A counsellor who takes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingCounselor {
    pub counselor: CounselorId,
    pub active_consultations: u32,
    pub max_active: u32,
    pub character_type_id: u32,
    /// The later of going waiting and the last end of a consultation, in microseconds since the
    /// Unix epoch.
    pub idle_since: i64,
}

impl WaitingCounselor {
    pub(super) fn has_room(&self) -> bool {
        self.active_consultations < self.max_active
    }

    pub(super) fn fits(&self, preference: Option<u32>) -> bool {
        preference.is_none_or(|character| character == self.character_type_id)
    }
}

/// What matching knows of any counsellor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounselorLoad {
    pub status: CounselorStatus,
    pub active_consultations: u32,
    pub max_active: Option<u32>,
    pub character_type_id: u32,
    /// As in [`WaitingCounselor::idle_since`]; of no meaning before the first time waiting.
    pub idle_since: i64,
}

impl CounselorLoad {
    /// Takes in the next event of the counsellor, recorded at `at`.
    pub fn apply(&mut self, event: &CounselorEvent, at: i64) {
        match event {
            CounselorEvent::Registered {
                character_type_id,
                max_active,
                ..
            } => {
                self.character_type_id = *character_type_id;
                self.max_active = *max_active;
            }
            CounselorEvent::StatusChanged { status, .. } => {
                self.status = *status;
                if *status == CounselorStatus::Waiting {
                    self.idle_since = at;
                }
            }
            CounselorEvent::CallTaken { .. } => self.active_consultations += 1,
            CounselorEvent::CallReleased { .. } => {
                self.active_consultations = self.active_consultations.saturating_sub(1);
                self.idle_since = at;
            }
            CounselorEvent::SocketOpened { .. }
            | CounselorEvent::SocketClosed { .. }
            | CounselorEvent::Deactivated {}
            | CounselorEvent::Activated {} => {}
        }
    }

    /// The counsellor, if they take calls. `default_max_active` holds where they have no number
    /// of their own.
    pub fn waiting(
        &self,
        counselor: CounselorId,
        default_max_active: u32,
    ) -> Option<WaitingCounselor> {
        (self.status == CounselorStatus::Waiting).then(|| WaitingCounselor {
            counselor,
            active_consultations: self.active_consultations,
            max_active: self.max_active.unwrap_or(default_max_active),
            character_type_id: self.character_type_id,
            idle_since: self.idle_since,
        })
    }
}
