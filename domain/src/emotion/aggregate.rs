//! A session's state: whose it is, its steps, and whether it has ended. No word of what was said.

use serde::{Deserialize, Serialize};

use super::{EmotionCommand, EmotionEvent, Step, StepStatus};
use crate::decide::aggregate;
use crate::{AccountId, CardId, ConsultationId, StepId};

/// A session about one's emotions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmotionSession(pub(super) Option<Opened>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) owner: AccountId,
    pub(super) ended: bool,
    #[serde(default)]
    pub(super) erased: bool,
    /// In the order in which they were asked.
    pub(super) steps: Vec<Step>,
    pub(super) card: Option<CardId>,
    /// Something was answered that the card does not know of.
    pub(super) card_is_stale: bool,
    /// To which consultations, the newest last.
    pub(super) handed_over: Vec<ConsultationId>,
}

aggregate!(EmotionSession, "emotion", EmotionCommand, EmotionEvent);

impl EmotionSession {
    /// Whose it is.
    pub fn owner(&self) -> Option<AccountId> {
        self.0.as_ref().map(|session| session.owner)
    }

    /// Whether it is kept no longer.
    pub fn is_erased(&self) -> bool {
        self.0.as_ref().is_some_and(|session| session.erased)
    }

    pub fn is_ended(&self) -> bool {
        self.0.as_ref().is_some_and(|session| session.ended)
    }

    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.0.as_ref()?.step(id)
    }

    /// The step that is being answered.
    pub fn open_step(&self) -> Option<&Step> {
        self.0.as_ref()?.open_step()
    }

    /// The consultation to which it was handed over last.
    pub fn handed_over(&self) -> Option<ConsultationId> {
        self.0.as_ref()?.handed_over.last().copied()
    }

    /// The card, if it knows of everything that was answered.
    pub fn fresh_card(&self) -> Option<CardId> {
        self.0.as_ref().and_then(Opened::fresh_card)
    }
}

impl Opened {
    pub(super) fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    pub(super) fn open_step(&self) -> Option<&Step> {
        // Only one is open at a time, mostly the newest one.
        let mut steps = self.steps.iter().rev();
        steps.find(|step| step.status == StepStatus::Open)
    }

    pub(super) fn next_order(&self) -> u32 {
        let orders = self.steps.iter().map(|step| step.order);
        orders.max().unwrap_or(0).saturating_add(1)
    }

    pub(super) fn fresh_card(&self) -> Option<CardId> {
        self.card.filter(|_| !self.card_is_stale)
    }

    fn settle(&mut self, id: StepId, status: StepStatus) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.id == id) {
            step.status = status;
        }
    }
}

impl EmotionSession {
    pub(super) fn evolve(&mut self, event: EmotionEvent) {
        match (&mut self.0, event) {
            (None, EmotionEvent::Opened { owner, .. }) => {
                self.0 = Some(Opened {
                    owner,
                    ended: false,
                    erased: false,
                    steps: Vec::new(),
                    card: None,
                    card_is_stale: false,
                    handed_over: Vec::new(),
                });
            }
            (Some(session), event) => session.evolve(&event),
            (None, _) => {}
        }
    }
}

impl Opened {
    fn evolve(&mut self, event: &EmotionEvent) {
        match *event {
            EmotionEvent::StepAsked {
                step,
                step_order,
                node,
                ..
            } => self.steps.push(Step {
                id: step,
                order: step_order,
                status: StepStatus::Open,
                attempts: 1,
                node,
                cancel_asked: false,
            }),
            EmotionEvent::StepAskedAgain { step, node, .. } => {
                if let Some(step) = self.steps.iter_mut().find(|known| known.id == step) {
                    step.status = StepStatus::Open;
                    step.attempts = step.attempts.saturating_add(1);
                    step.node = node;
                    step.cancel_asked = false;
                }
            }
            EmotionEvent::StepAnswered { step, .. } => {
                self.settle(step, StepStatus::Answered);
                self.card_is_stale = true;
            }
            EmotionEvent::StepFailed { step, .. } => self.settle(step, StepStatus::Failed),
            EmotionEvent::StepCancelled { step, .. } => self.settle(step, StepStatus::Cancelled),
            EmotionEvent::CancelAsked { step, .. } => {
                if let Some(step) = self.steps.iter_mut().find(|known| known.id == step) {
                    step.cancel_asked = step.status == StepStatus::Open;
                }
            }
            EmotionEvent::HandedOver { consultation, .. } => self.handed_over.push(consultation),
            EmotionEvent::Ended { .. } => self.ended = true,
            EmotionEvent::Erased { .. } => self.erased = true,
            EmotionEvent::CardWritten { card, .. } => {
                self.card = Some(card);
                self.card_is_stale = false;
            }
            EmotionEvent::Opened { .. } | EmotionEvent::StepArrived { .. } => {}
        }
    }
}
