//! A counsellor's rules: how many calls at once, and who counts as reachable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CounselorCommand, CounselorEvent, CounselorStatus, StatusReason};
use crate::decide::{Decide, aggregate};
use crate::{AccountId, ConnectionId, ConsultationId, NodeId, OfferId, Refusal, limits};

/// A counsellor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counselor(Option<Registered>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Registered {
    account: AccountId,
    character_type_id: u32,
    max_active: Option<u32>,
    active: bool,
    status: CounselorStatus,
    calls: BTreeMap<ConsultationId, OfferId>,
    sockets: BTreeMap<ConnectionId, NodeId>,
}

aggregate!(Counselor, "counselor", CounselorCommand, CounselorEvent);

impl Counselor {
    pub fn exists(&self) -> bool {
        self.0.is_some()
    }

    /// Whether they may take calls at all.
    pub fn is_active(&self) -> bool {
        self.0.as_ref().is_some_and(|counselor| counselor.active)
    }

    pub fn account(&self) -> Option<AccountId> {
        self.0.as_ref().map(|counselor| counselor.account)
    }

    /// Offline where there is no such counsellor.
    pub fn status(&self) -> CounselorStatus {
        self.0
            .as_ref()
            .map(|counselor| counselor.status)
            .unwrap_or_default()
    }

    pub fn character_type_id(&self) -> Option<u32> {
        self.0.as_ref().map(|counselor| counselor.character_type_id)
    }

    /// How many consultations they have now.
    pub fn active_consultations(&self) -> usize {
        self.0.as_ref().map_or(0, |counselor| counselor.calls.len())
    }

    /// How many consultations they may have at once: their own number, else `default`.
    pub fn max_active(&self, default: u32) -> u32 {
        self.0
            .as_ref()
            .and_then(|counselor| counselor.max_active)
            .unwrap_or(default)
    }

    /// How many of their notification sockets are open.
    pub fn open_sockets(&self) -> usize {
        self.0
            .as_ref()
            .map_or(0, |counselor| counselor.sockets.len())
    }

    /// Their open notification sockets, each with the process that holds it.
    pub fn sockets(&self) -> impl Iterator<Item = (ConnectionId, NodeId)> + '_ {
        self.0
            .iter()
            .flat_map(|counselor| counselor.sockets.iter())
            .map(|(connection, node)| (*connection, *node))
    }

    /// Their consultations, each with the offer that was accepted.
    pub fn calls(&self) -> impl Iterator<Item = (ConsultationId, OfferId)> + '_ {
        self.0
            .iter()
            .flat_map(|counselor| counselor.calls.iter())
            .map(|(consultation, offer)| (*consultation, *offer))
    }
}

impl Decide for Counselor {
    fn decide(&self, command: CounselorCommand) -> Result<Vec<CounselorEvent>, Refusal> {
        match (&self.0, command) {
            (
                None,
                CounselorCommand::Register {
                    account,
                    character_type_id,
                    counseling_fields,
                    max_active,
                },
            ) => {
                if max_active.is_some_and(|max| !(1..=limits::MAX_ACTIVE).contains(&max)) {
                    return Err(Refusal::CapacityOutOfRange);
                }
                if counseling_fields.len() > limits::COUNSELING_FIELDS {
                    return Err(Refusal::TooManyFields);
                }
                Ok(vec![CounselorEvent::Registered {
                    account,
                    character_type_id,
                    counseling_fields,
                    max_active,
                }])
            }
            (None, _) => Err(Refusal::UnknownCounselor),
            (Some(counselor), command) => counselor.decide(&command),
        }
    }
}

impl Registered {
    fn decide(&self, command: &CounselorCommand) -> Result<Vec<CounselorEvent>, Refusal> {
        let event = match *command {
            CounselorCommand::Register { .. } => return Err(Refusal::AlreadyRegistered),
            CounselorCommand::SetStatus { status, .. } if status == self.status => {
                return Ok(vec![]);
            }
            CounselorCommand::SetStatus { status, reason } => {
                self.check_active()?;
                CounselorEvent::StatusChanged { status, reason }
            }
            CounselorCommand::TakeCall { consultation, .. }
                if self.calls.contains_key(&consultation) =>
            {
                return Ok(vec![]);
            }
            CounselorCommand::TakeCall {
                consultation,
                offer,
                default_max_active,
            } => {
                self.check_active()?;
                let max_active = self.max_active.unwrap_or(default_max_active);
                if self.calls.len() >= max_active as usize {
                    return Err(Refusal::CounselorFull);
                }
                CounselorEvent::CallTaken {
                    consultation,
                    offer,
                }
            }
            CounselorCommand::ReleaseCall { consultation, end } => {
                if !self.calls.contains_key(&consultation) {
                    return Ok(vec![]);
                }
                CounselorEvent::CallReleased { consultation, end }
            }
            CounselorCommand::OpenSocket { connection, node } => {
                if self.sockets.contains_key(&connection) {
                    return Ok(vec![]);
                }
                self.check_active()?;
                if self.sockets.len() >= limits::COUNSELOR_SOCKETS {
                    return Err(Refusal::TooManySockets);
                }
                CounselorEvent::SocketOpened { connection, node }
            }
            CounselorCommand::CloseSocket { connection, end } => {
                if !self.sockets.contains_key(&connection) {
                    return Ok(vec![]);
                }
                CounselorEvent::SocketClosed { connection, end }
            }
            CounselorCommand::MarkUnreachable => {
                if self.status != CounselorStatus::Waiting || !self.sockets.is_empty() {
                    return Ok(vec![]);
                }
                CounselorEvent::StatusChanged {
                    status: CounselorStatus::Away,
                    reason: StatusReason::Unreachable,
                }
            }
            CounselorCommand::Deactivate => return Ok(self.deactivate()),
            CounselorCommand::Activate if self.active => return Ok(vec![]),
            CounselorCommand::Activate => CounselorEvent::Activated {},
        };
        Ok(vec![event])
    }

    fn deactivate(&self) -> Vec<CounselorEvent> {
        if !self.active {
            return vec![];
        }
        let offline = CounselorEvent::StatusChanged {
            status: CounselorStatus::Offline,
            reason: StatusReason::Deactivated,
        };
        let leaves = (self.status != CounselorStatus::Offline).then_some(offline);
        leaves
            .into_iter()
            .chain([CounselorEvent::Deactivated {}])
            .collect()
    }

    fn check_active(&self) -> Result<(), Refusal> {
        if self.active {
            Ok(())
        } else {
            Err(Refusal::CounselorInactive)
        }
    }
}

impl Counselor {
    fn evolve(&mut self, event: CounselorEvent) {
        match (&mut self.0, event) {
            (
                None,
                CounselorEvent::Registered {
                    account,
                    character_type_id,
                    max_active,
                    ..
                },
            ) => {
                self.0 = Some(Registered {
                    account,
                    character_type_id,
                    max_active,
                    active: true,
                    status: CounselorStatus::Offline,
                    calls: BTreeMap::new(),
                    sockets: BTreeMap::new(),
                });
            }
            (Some(counselor), event) => counselor.evolve(&event),
            (None, _) => {}
        }
    }
}

impl Registered {
    fn evolve(&mut self, event: &CounselorEvent) {
        match *event {
            CounselorEvent::Registered { .. } => {}
            CounselorEvent::StatusChanged { status, .. } => self.status = status,
            CounselorEvent::CallTaken {
                consultation,
                offer,
            } => {
                self.calls.insert(consultation, offer);
            }
            CounselorEvent::CallReleased { consultation, .. } => {
                self.calls.remove(&consultation);
            }
            CounselorEvent::SocketOpened { connection, node } => {
                self.sockets.insert(connection, node);
            }
            CounselorEvent::SocketClosed { connection, .. } => {
                self.sockets.remove(&connection);
            }
            CounselorEvent::Deactivated {} => self.active = false,
            CounselorEvent::Activated {} => self.active = true,
        }
    }
}
