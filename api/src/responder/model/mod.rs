//! The client of a language model: any server that speaks as `OpenAI`'s chat completions do.

mod context;
mod label;
mod request;
mod running;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream;
use secrecy::ExposeSecret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use url::Url;

use super::answer::Answer;
use super::prompt::Prompts;
use super::{Ask, Emotion, ResponderError, Usage};
use crate::settings::{LlmSettings, Settings, SettingsError};
use context::Context;
use label::Labels;
use running::Running;
use wire::{Message, Role};

/// How long a connection to the server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_mins(1);

/// A language model.
pub(super) struct Model {
    prompts: Prompts,
    line: Arc<Line>,
}

/// What every request to the model needs.
struct Line {
    http: reqwest::Client,
    url: Url,
    settings: LlmSettings,
    turns: Arc<Semaphore>,
    context: Context,
    labels: Labels,
    /// Whether the server takes a schema of what it is to answer; until it refuses one, yes.
    takes_schemas: AtomicBool,
}

impl Model {
    /// None where the settings name no server.
    pub(super) fn open(
        settings: &Settings,
        labels: impl Iterator<Item = String>,
    ) -> Result<Option<Self>, SettingsError> {
        let prompts = Prompts::load(settings)?;
        let Some(base) = &settings.llm.base_url else {
            return Ok(None);
        };
        let wrong = |key: &str, problem: String| {
            SettingsError::new(key.to_owned(), settings.origin(key), problem)
        };
        let mut headers = reqwest::header::HeaderMap::new();
        if let Some(key) = &settings.llm.api_key {
            let value = format!("Bearer {}", key.expose_secret());
            let mut value = reqwest::header::HeaderValue::try_from(value).map_err(|_| {
                wrong(
                    "llm.api_key",
                    "has characters that a header cannot have".to_owned(),
                )
            })?;
            value.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        let builder = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT.min(settings.llm.timeout))
            .pool_idle_timeout(IDLE)
            // What is written here goes to the server that the operator chose and to no other.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        let http = builder
            .build()
            .map_err(|error| wrong("llm.base_url", format!("cannot be used: {error}")))?;
        let mut url = base.clone();
        url.set_path(&format!("{}/chat/completions", base.path()));
        let llm = settings.llm.clone();
        let line = Line {
            http,
            url,
            turns: Arc::new(Semaphore::new(llm.max_concurrent as usize)),
            context: Context::default(),
            labels: Labels::new(labels.collect()),
            takes_schemas: AtomicBool::new(true),
            settings: llm,
        };
        Ok(Some(Self {
            prompts,
            line: Arc::new(line),
        }))
    }

    /// Asks for an answer and gives it as it comes. `by_lexicon` is the emotion where the model
    /// does not tell one.
    pub(super) async fn answer(
        &self,
        ask: &Ask,
        by_lexicon: Emotion,
    ) -> Result<Answer, ResponderError> {
        let line = &self.line;
        let system = self.prompts.of(ask);
        let most = line.settings.context_tokens - line.settings.answer_tokens;
        let messages = line.context.fit(system, &ask.turns, &ask.input, most)?;
        let turn = line.turn().await?;
        let running = Running::new(
            Arc::clone(line),
            turn,
            messages,
            ask.input.clone(),
            by_lexicon,
        );
        Ok(Answer::of(stream::unfold(running, async |mut running| {
            let item = running.next().await?;
            Some((item, running))
        })))
    }

    /// Asks for one short text about another: all of it at once, no longer than `answer_tokens`.
    /// The text is cut where it is more than the model may be given, from its beginning.
    pub(super) async fn complete(
        &self,
        system: &str,
        text: &str,
        schema: serde_json::Value,
        answer_tokens: u32,
    ) -> Result<(String, Usage), ResponderError> {
        let line = &self.line;
        let most = line.settings.context_tokens.saturating_sub(answer_tokens);
        let messages = [
            Message::new(Role::System, system),
            Message::new(Role::User, line.context.tail(text, most, system)),
        ];
        let turn = line.turn().await?;
        let answer = line.complete(&messages, schema, answer_tokens).await;
        drop(turn);
        answer
    }
}

impl Line {
    /// Waits for a turn, not for ever.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, ResponderError> {
        let turns = Arc::clone(&self.turns);
        let turn = timeout(self.settings.max_wait, turns.acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| {
            metrics::counter!("maeum_model_requests_total", "outcome" => "busy").increment(1);
            ResponderError::Busy
        })
    }

    /// Whether the server may be asked for an answer by a schema.
    fn takes_schemas(&self) -> bool {
        self.takes_schemas.load(Ordering::Relaxed)
    }
}
