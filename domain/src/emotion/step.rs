//! A step of a session: asked, and then answered, failed or cancelled.

use serde::{Deserialize, Serialize};

use crate::{NodeId, StepId};

/// Where a step is, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It is being answered.
    Open,
    Answered,
    Failed,
    Cancelled,
}

/// A step, without a word of what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub id: StepId,
    /// From 1; no two steps of a session have the same.
    pub order: u32,
    pub status: StepStatus,
    /// How often it was asked.
    pub attempts: u32,
    /// The process that answers it, or did.
    pub node: NodeId,
    /// Its owner does not want to hear more of what it is answered just now.
    pub cancel_asked: bool,
}
