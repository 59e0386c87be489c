//! What the hub tells connections of the emotion dialect: only that they may not go on. Tokens come
//! from the answer itself, which is no event before it has ended.

use async_trait::async_trait;
use domain::{AccountEvent, Event, Refusal};
use projections::Fact;
use serde_json::Value;

use crate::live::{Dialect, Ended, Ephemeral, Frame, Outgoing, To, Topic};

/// The emotion dialect's frames that events cause.
pub struct EmotionFrames;

/// Whether somebody may not log in any more, whoever spoke for them.
fn locks_out(event: &Event) -> bool {
    matches!(
        event,
        Event::Account(AccountEvent::Deactivated {} | AccountEvent::Erased {})
    )
}

#[async_trait]
impl Dialect for EmotionFrames {
    fn notice(&self, fact: &Fact) -> Vec<Topic> {
        if locks_out(&fact.event) {
            vec![Topic::Account(fact.id)]
        } else {
            Vec::new()
        }
    }

    async fn frames(&self, fact: &Fact) -> Vec<Outgoing> {
        if !locks_out(&fact.event) {
            return Vec::new();
        }
        vec![Outgoing {
            topic: Topic::Account(fact.id),
            to: To::All,
            frame: Frame::error(&Refusal::AccountInactive.into()),
            then: Some(Ended::NotAuthenticated),
        }]
    }

    async fn ephemeral(&self, _: &Ephemeral) -> Option<Value> {
        None
    }
}
