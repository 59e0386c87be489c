//! An alert's state: raised, and acknowledged.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AlertAudience, AlertCommand, AlertEvent, AlertSource};
use crate::decide::{Decide, aggregate};
use crate::{CounselorId, Refusal, limits};

/// An alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert(Option<Raised>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Raised {
    source: AlertSource,
    times: u32,
    counselor: Option<CounselorId>,
    waiting: BTreeSet<CounselorId>,
    administrators: bool,
    acknowledged: bool,
}

aggregate!(Alert, "alert", AlertCommand, AlertEvent);

impl Alert {
    pub fn exists(&self) -> bool {
        self.0.is_some()
    }

    /// Where it was said.
    pub fn source(&self) -> Option<AlertSource> {
        self.0.as_ref().map(|raised| raised.source)
    }

    pub fn is_acknowledged(&self) -> bool {
        self.0.as_ref().is_some_and(|raised| raised.acknowledged)
    }
}

impl Decide for Alert {
    fn decide(&self, command: AlertCommand) -> Result<Vec<AlertEvent>, Refusal> {
        match (&self.0, command) {
            (
                None,
                AlertCommand::Raise {
                    source,
                    said,
                    person,
                    level,
                    rule,
                    audience,
                },
            ) => Ok(vec![AlertEvent::Raised {
                source,
                said,
                person,
                level,
                rule,
                audience: bounded(audience),
            }]),
            (Some(_), AlertCommand::Raise { .. }) => Ok(vec![]),
            (None, AlertCommand::RaiseAgain { .. } | AlertCommand::Acknowledge { .. }) => {
                Err(Refusal::UnknownAlert)
            }
            (Some(raised), AlertCommand::RaiseAgain { seen, audience }) => {
                if raised.acknowledged || raised.times > seen {
                    return Ok(vec![]);
                }
                Ok(vec![AlertEvent::RaisedAgain {
                    source: raised.source,
                    times: raised.times + 1,
                    audience: bounded(audience),
                }])
            }
            (Some(raised), AlertCommand::Acknowledge { by }) => {
                if raised.acknowledged {
                    return Ok(vec![]);
                }
                Ok(vec![AlertEvent::Acknowledged {
                    source: raised.source,
                    by,
                    audience: raised.audience(),
                }])
            }
        }
    }
}

/// With as many as one event names.
fn bounded(mut audience: AlertAudience) -> AlertAudience {
    audience.waiting.truncate(limits::ALERTED_COUNSELORS);
    audience
}

impl Raised {
    fn audience(&self) -> AlertAudience {
        bounded(AlertAudience {
            counselor: self.counselor,
            waiting: self.waiting.iter().copied().collect(),
            administrators: self.administrators,
        })
    }

    /// Adds those who are told now to those who were. A counsellor who is not with the person any
    /// more was told all the same.
    fn tell(&mut self, audience: AlertAudience) {
        if audience.counselor.is_some() && audience.counselor != self.counselor {
            self.waiting.extend(self.counselor);
            self.counselor = audience.counselor;
        }
        self.waiting.extend(audience.waiting);
        self.administrators |= audience.administrators;
    }
}

impl Alert {
    fn evolve(&mut self, event: AlertEvent) {
        match (&mut self.0, event) {
            (
                None,
                AlertEvent::Raised {
                    source, audience, ..
                },
            ) => {
                let mut raised = Raised {
                    source,
                    times: 0,
                    counselor: None,
                    waiting: BTreeSet::new(),
                    administrators: false,
                    acknowledged: false,
                };
                raised.tell(audience);
                self.0 = Some(raised);
            }
            (
                Some(raised),
                AlertEvent::RaisedAgain {
                    times, audience, ..
                },
            ) => {
                raised.times = times;
                raised.tell(audience);
            }
            (Some(raised), AlertEvent::Acknowledged { .. }) => raised.acknowledged = true,
            (Some(_), AlertEvent::Raised { .. })
            | (None, AlertEvent::RaisedAgain { .. } | AlertEvent::Acknowledged { .. }) => {}
        }
    }
}
