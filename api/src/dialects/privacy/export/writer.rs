//! A JSON object that is written piece by piece while somebody reads it, in bounded memory.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::sync::mpsc;

use super::ExportError;
use crate::uploads::FileError;

/// Bytes handed on at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Chunks that wait for the reader; then the writer does.
const CHUNKS: usize = 4;

/// Three bytes are four letters of base64: only whole threes can be put one after the other.
const THREE: usize = 3;

pub(super) struct Writer {
    chunks: mpsc::Sender<Result<Bytes, ExportError>>,
    held: Vec<u8>,
    /// Nothing stands yet in the object or list that is open.
    is_first: bool,
}

impl Writer {
    /// A writer, and what is written.
    pub fn new() -> (Self, impl Stream<Item = Result<Bytes, ExportError>>) {
        let (chunks, mut written) = mpsc::channel(CHUNKS);
        let writer = Self {
            chunks,
            held: Vec::with_capacity(CHUNK_BYTES),
            is_first: true,
        };
        (
            writer,
            stream::poll_fn(move |context| written.poll_recv(context)),
        )
    }

    /// Hands on what is left; with an error, that it is not all.
    pub async fn end(mut self, outcome: Result<(), ExportError>) {
        let last = match outcome {
            Ok(()) => self.flush().await,
            Err(error) => self
                .chunks
                .send(Err(error))
                .await
                .map_err(|_| ExportError::Left),
        };
        if last.is_err() {
            tracing::debug!("whoever asked for an export did not read all of it");
        }
    }

    async fn flush(&mut self) -> Result<(), ExportError> {
        let chunk = std::mem::take(&mut self.held).into();
        let sent = self.chunks.send(Ok(chunk)).await;
        sent.map_err(|_| ExportError::Left)
    }

    async fn text(&mut self, text: &str) -> Result<(), ExportError> {
        self.held.extend_from_slice(text.as_bytes());
        if self.held.len() >= CHUNK_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn comma(&mut self) -> Result<(), ExportError> {
        let comma = if self.is_first { "" } else { "," };
        self.is_first = false;
        self.text(comma).await
    }

    async fn value(&mut self, value: &impl Serialize) -> Result<(), ExportError> {
        let text = serde_json::to_string(value)?;
        self.text(&text).await
    }

    /// Begins or ends an object or a list.
    pub async fn mark(&mut self, mark: char) -> Result<(), ExportError> {
        if matches!(mark, '{' | '[') {
            self.comma().await?;
        }
        self.is_first = matches!(mark, '{' | '[');
        self.text(mark.encode_utf8(&mut [0; 4])).await
    }

    async fn name(&mut self, name: &str) -> Result<(), ExportError> {
        self.comma().await?;
        self.value(&name).await?;
        self.text(":").await
    }

    pub async fn field(&mut self, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
        self.name(name).await?;
        self.value(value).await
    }

    pub async fn begin_list(&mut self, name: &str) -> Result<(), ExportError> {
        self.name(name).await?;
        self.is_first = true;
        self.text("[").await
    }

    pub async fn item(&mut self, value: &impl Serialize) -> Result<(), ExportError> {
        self.comma().await?;
        self.value(value).await
    }

    /// Bytes, as base64.
    pub async fn bytes(
        &mut self,
        name: &str,
        mut bytes: BoxStream<'static, Result<Bytes, FileError>>,
    ) -> Result<(), ExportError> {
        self.name(name).await?;
        self.text("\"").await?;
        let mut held = Vec::new();
        while let Some(chunk) = bytes.next().await {
            held.extend_from_slice(&chunk?);
            let rest = held.split_off(held.len() - held.len() % THREE);
            self.text(&STANDARD.encode(&held)).await?;
            held = rest;
        }
        self.text(&STANDARD.encode(&held)).await?;
        self.text("\"").await
    }
}
