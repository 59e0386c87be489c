//! Forms with files, as browsers write them, and files as they are fetched.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::server::Answer;
use crate::users::User;

const BOUNDARY: &str = "the-edge-of-a-part";

/// What a form is sent as.
pub const FORM_TYPE: &str = "multipart/form-data; boundary=the-edge-of-a-part";

/// A form that is being written.
#[derive(Clone, Default)]
pub struct Form(Vec<u8>);

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    /// A form with a file alone.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self::new().file(name, bytes)
    }

    #[must_use]
    pub fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    #[must_use]
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        let name = name
            .replace('"', "%22")
            .replace('\r', "%0D")
            .replace('\n', "%0A");
        self.part(&format!("name=\"file\"; filename=\"{name}\""), bytes)
    }

    /// A part with a head of the test's own.
    #[must_use]
    pub fn part(mut self, head: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub fn end(mut self) -> Vec<u8> {
        let end = format!("--{BOUNDARY}--\r\n");
        self.0.extend_from_slice(end.as_bytes());
        self.0
    }
}

/// A file as it was served, or why it was not.
#[derive(Debug)]
pub struct Fetched {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Fetched {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// What it says that went wrong.
    #[track_caller]
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.bytes).unwrap();
        body["code"].as_str().unwrap().to_owned()
    }
}

impl User {
    /// Sends a form as a message into a room.
    pub async fn sends(&self, form: Form, room: u64) -> Answer {
        self.sends_body(FORM_TYPE, form.end(), room).await
    }

    pub async fn sends_body(
        &self,
        content_type: &str,
        body: impl Into<reqwest::Body>,
        room: u64,
    ) -> Answer {
        let path = format!("/chat/rooms/{room}/messages/");
        let request = self
            .client
            .request("POST", &path)
            .header("content-type", content_type)
            .bearer_auth(&self.token)
            .body(body);
        self.client.send(request).await
    }

    /// The file of a message's row.
    pub async fn fetches(&self, row: &Value) -> Fetched {
        self.fetches_with(row, &[]).await
    }

    pub async fn fetches_with(&self, row: &Value, headers: &[(&str, &str)]) -> Fetched {
        let path = row["file_url"].as_str().expect("the message has a file");
        self.fetches_at(path, headers).await
    }

    pub async fn fetches_at(&self, path: &str, headers: &[(&str, &str)]) -> Fetched {
        let mut request = self.client.request("GET", path).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        fetch(request).await
    }
}

/// Sends a request whose answer is a file.
pub async fn fetch(request: reqwest::RequestBuilder) -> Fetched {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap().to_vec();
    Fetched {
        status,
        headers,
        bytes,
    }
}
