//! Calls to a server over HTTP, made before anything is measured.

use std::net::SocketAddr;

use serde_json::Value;

use crate::failure::Failure;

/// A client of one server.
pub struct Http {
    pub address: SocketAddr,
    client: reqwest::Client,
}

impl Http {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            client: reqwest::Client::new(),
        }
    }

    /// What a POST is answered with; anything but success is a failure.
    pub async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Value, Failure> {
        let url = format!("http://{}{path}", self.address);
        answer(self.client.post(url).json(body), token).await
    }

    /// What a PUT is answered with; anything but success is a failure.
    pub async fn put(&self, path: &str, token: &str, body: &Value) -> Result<Value, Failure> {
        let url = format!("http://{}{path}", self.address);
        answer(self.client.put(url).json(body), Some(token)).await
    }
}

async fn answer(request: reqwest::RequestBuilder, token: Option<&str>) -> Result<Value, Failure> {
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let answer = request.send().await?;
    let (status, url) = (answer.status(), answer.url().to_string());
    let text = answer.text().await?;
    if !status.is_success() {
        return Err(Failure::Wrong(format!("{url} answered {status}: {text}")));
    }
    serde_json::from_str(&text).map_err(|_| Failure::Wrong(format!("{url} answered {text}")))
}

/// The token that a log-in gave.
pub fn token(session: &Value) -> Result<String, Failure> {
    session["access_token"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::Wrong(format!("no token in {session}")))
}

pub fn id(value: &Value) -> Result<u64, Failure> {
    value
        .as_u64()
        .ok_or_else(|| Failure::Wrong(format!("{value} is no id")))
}
