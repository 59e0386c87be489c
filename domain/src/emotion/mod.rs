//! A session about one's emotions: what somebody says, step by step, and what is answered.

mod aggregate;
mod command;
mod decide;
mod event;
mod history;
mod step;
#[cfg(test)]
mod tests;
mod words;

pub use aggregate::*;
pub use command::*;
pub use event::*;
pub use history::{Exchange, history};
pub use step::*;
pub(crate) use words::check_prompt;
pub use words::{Answer, EmotionCardText, SessionOpening, StepInput};
