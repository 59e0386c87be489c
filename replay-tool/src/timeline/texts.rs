//! The texts of events: closed, or as the server's audit API gives them for a purpose.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use domain::Access;
use event_store::keys::{Key, KeyStore};
use event_store::{Position, Recorded};
use reqwest::{Client, StatusCode, Url};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::entry::printable;
use crate::arguments::TextArguments;
use crate::failure::Failure;

/// How long the server may take to be reached, and to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// One sealed part of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// `sealed`, `erased`; from the server also `open`, `withheld`, `unreadable`.
    pub state: String,
    /// Only of what is open.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<Value>,
}

/// The parts of an event as they can be told without opening any.
pub fn closed(event: &Recorded, keys: Option<&dyn KeyStore>) -> Vec<Text> {
    let is_erased =
        |name: &str| keys.is_some_and(|keys| matches!(keys.get(name), Ok(Key::Destroyed)));
    let state = |erased| if erased { "erased" } else { "sealed" };
    let texts = event.parts.iter().map(|part| {
        let mut names = std::iter::once(&part.keys.subject).chain(&part.keys.bucket);
        Text {
            state: state(names.any(|name| is_erased(name))).to_owned(),
            content: None,
        }
    });
    texts.collect()
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            None => write!(f, "[{}]", printable(&self.state)),
            Some(Value::Object(fields)) => {
                let fields = fields.iter().filter(|(_, value)| !value.is_null());
                let fields: Vec<_> = fields
                    .map(|(name, value)| format!("{}: {}", printable(name), said(value)))
                    .collect();
                write!(f, "[{}]", fields.join("; "))
            }
            Some(value) => write!(f, "[{}]", said(value)),
        }
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        other => printable(&other.to_string()),
    }
}

/// A server that opens texts, after it has recorded who reads them and why.
pub struct Server {
    client: Client,
    events: Url,
    token: Zeroizing<String>,
    purpose: String,
}

#[derive(Deserialize)]
struct Answer {
    events: Vec<Told>,
    scanned_to: Position,
}

#[derive(Deserialize)]
struct Told {
    position: Position,
    event_id: Uuid,
    parts: Vec<Text>,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(default)]
    detail: Value,
}

impl Server {
    /// The server that is to open texts; none where no purpose was given.
    pub fn of(options: &TextArguments) -> Result<Option<Self>, Failure> {
        let (Some(purpose), Some(server)) = (&options.purpose, &options.server) else {
            return Ok(None);
        };
        let purpose = Access::purpose(purpose)
            .map_err(|refusal| Failure::Purpose(refusal.to_string()))?
            .to_owned();
        let url = format!("{}/api/v1/audit/events", server.trim_end_matches('/'));
        let events = Url::parse(&url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| failed(server, "is not the address of a server"))?;
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            // A token is for this server and for no other.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|cause| failed(server, &cause.to_string()))?;
        Ok(Some(Self {
            client,
            events,
            token: token(options)?,
            purpose,
        }))
    }

    /// The texts of those of these events that have any, by position.
    pub async fn texts(
        &self,
        events: &[Arc<Recorded>],
    ) -> Result<HashMap<Position, Vec<Text>>, Failure> {
        let ids: HashMap<Position, Uuid> = events
            .iter()
            .filter(|event| !event.parts.is_empty())
            .map(|event| (event.position, event.event_id))
            .collect();
        let mut wanted: Vec<_> = ids.keys().copied().collect();
        wanted.sort_unstable();
        let mut texts = HashMap::new();
        let mut after = 0;
        while wanted.last().is_some_and(|last| *last > after) {
            let rest = wanted.partition_point(|position| *position <= after);
            let answer = self.ask(&wanted[rest..]).await?;
            for told in answer.events {
                if ids.get(&told.position) != Some(&told.event_id) {
                    return Err(self.failed("serves another log than this one"));
                }
                texts.insert(told.position, told.parts);
            }
            if answer.scanned_to <= after {
                return Err(self.failed("does not get on"));
            }
            after = answer.scanned_to;
        }
        if texts.len() < ids.len() {
            return Err(self.failed("serves another log than this one"));
        }
        Ok(texts)
    }

    async fn ask(&self, positions: &[Position]) -> Result<Answer, Failure> {
        let positions: Vec<_> = positions.iter().map(ToString::to_string).collect();
        let positions = positions.join(",");
        let request = self
            .client
            .get(self.events.clone())
            .bearer_auth(&*self.token)
            .query(&[
                ("positions", positions.as_str()),
                ("purpose", self.purpose.as_str()),
                ("limit", "500"),
            ]);
        let unreachable = |cause: reqwest::Error| {
            // Its address would show the whole query.
            self.failed(&format!("cannot be asked: {}", without_address(cause)))
        };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        if status == StatusCode::OK {
            return answer.json().await.map_err(unreachable);
        }
        let said = answer.json::<Refused>().await.map(|refused| refused.detail);
        let said = said.ok().filter(|detail| !detail.is_null());
        let said = said.map_or_else(String::new, |detail| format!(": {}", self::said(&detail)));
        Err(self.failed(&format!("answered {}{said}", status.as_u16())))
    }

    fn failed(&self, problem: &str) -> Failure {
        failed(&self.events.origin().ascii_serialization(), problem)
    }
}

fn failed(server: &str, problem: &str) -> Failure {
    Failure::Server {
        server: printable(server),
        problem: problem.to_owned(),
    }
}

fn without_address(cause: reqwest::Error) -> String {
    let cause = cause.without_url();
    let mut text = cause.to_string();
    let mut source = std::error::Error::source(&cause);
    while let Some(deeper) = source {
        text = format!("{text}: {deeper}");
        source = deeper.source();
    }
    text
}

fn token(options: &TextArguments) -> Result<Zeroizing<String>, Failure> {
    if let Some(token) = &options.token {
        return Ok(Zeroizing::new(token.trim().to_owned()));
    }
    let Some(file) = &options.token_file else {
        return Err(Failure::NoToken);
    };
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|_| Failure::Missing {
        what: "token",
        path: file.clone(),
        flag: "--token-file",
    })?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}
