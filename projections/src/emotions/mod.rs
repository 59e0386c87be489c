//! Sessions about people's emotions, their steps, and as whom people want to be answered.

mod project;
mod prompts;
mod sessions;
mod steps;

pub use project::Emotions;
pub use prompts::prompt_of;
pub use sessions::{EmotionCardRow, EmotionSessionRow, by_id, of_owner, of_owner_after};
pub use steps::{
    Settled, StepRow, by_step_id, in_session, open_after, open_in, said_before, settled_after,
    used_since,
};

/// Every statement of this folder.
pub(crate) const STATEMENTS: [&[(&str, crate::Sql)]; 4] = [
    project::STATEMENTS,
    prompts::STATEMENTS,
    sessions::STATEMENTS,
    steps::STATEMENTS,
];
