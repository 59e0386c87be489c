//! Files as they are kept: sealed in frames, so that reading any part of one opens no more than that.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use event_store::SealKeys;
use event_store::keys::KeyStore;
use event_store::object_seal::{FRAME_BYTES, FRAME_OVERHEAD, ObjectKey, frames, sealed_length};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use uuid::Uuid;

use super::error::FileError;
use super::objects::{NewObject, Objects};

/// Bytes of a whole frame as it is kept.
const SEALED_FRAME: usize = FRAME_BYTES + FRAME_OVERHEAD;

/// A file that is being sealed and written.
pub(super) struct SealedWriter {
    key: ObjectKey,
    object: NewObject,
    /// What is not sealed yet: at least a byte is held back, for the last frame.
    open: Vec<u8>,
    index: u64,
    size: u64,
}

impl SealedWriter {
    /// Begins an object under two keys, which are made if they are not there.
    pub(super) async fn begin(
        objects: &Objects,
        keys: &Arc<dyn KeyStore>,
        under: SealKeys,
        object: Uuid,
    ) -> Result<Self, FileError> {
        let key = blocking(keys, move |keys| ObjectKey::make(keys, &under, object)).await??;
        Ok(Self {
            key,
            object: objects.create(object),
            open: Vec::with_capacity(FRAME_BYTES),
            index: 0,
            size: 0,
        })
    }

    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> Result<(), FileError> {
        while !bytes.is_empty() {
            if self.open.len() == FRAME_BYTES {
                self.seal(false).await?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(FRAME_BYTES - self.open.len()));
            self.open.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Seals the rest; the file is on disk on return. Gives its size, unsealed.
    pub(super) async fn finish(mut self) -> Result<u64, FileError> {
        self.seal(true).await?;
        self.object.finish().await?;
        Ok(self.size)
    }

    async fn seal(&mut self, last: bool) -> Result<(), FileError> {
        let sealed = self.key.seal(self.index, last, &self.open)?;
        self.size += self.open.len() as u64;
        self.index += 1;
        self.open.clear();
        self.object.write(&sealed).await
    }
}

/// What is needed to know of a file to open it.
#[derive(Debug, Clone)]
pub(super) struct SealedFile {
    pub object: Uuid,
    pub under: SealKeys,
    /// Bytes, unsealed.
    pub size: u64,
}

/// A file of which some bytes are being read.
struct Reading {
    key: ObjectKey,
    sealed: BoxStream<'static, Result<Bytes, FileError>>,
    held: BytesMut,
    /// The next frame.
    index: u64,
    size: u64,
    /// What is wanted, in bytes of the file.
    wanted: Range<u64>,
}

impl SealedFile {
    /// Bytes of the file, `wanted` not empty and within it. The first frame has been opened when
    /// this returns, so that a file which cannot be read is known before anything is answered.
    pub(super) async fn read(
        &self,
        objects: &Objects,
        keys: &Arc<dyn KeyStore>,
        wanted: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, FileError>>, FileError> {
        let (under, object) = (self.under.clone(), self.object);
        let key = blocking(keys, move |keys| ObjectKey::find(keys, &under, object)).await??;
        let key = key.ok_or(FileError::Erased)?;
        let (frame, sealed_frame) = (FRAME_BYTES as u64, SEALED_FRAME as u64);
        let first = wanted.start / frame;
        let end = wanted.end.div_ceil(frame) * sealed_frame;
        let whole = sealed_length(self.size);
        let (length, sealed) = objects
            .read(self.object, first * sealed_frame, end.min(whole))
            .await?;
        if length != whole {
            return Err(FileError::Damaged("it is not as long as it was"));
        }
        let mut reading = Reading {
            key,
            sealed,
            held: BytesMut::new(),
            index: first,
            size: self.size,
            wanted,
        };
        let beginning = reading.next().await?;
        let rest = stream::try_unfold(reading, async |mut reading| {
            let next = reading.next().await?;
            Ok(next.map(|bytes| (bytes, reading)))
        });
        Ok(stream::iter(beginning.map(Ok)).chain(rest).boxed())
    }
}

impl Reading {
    /// What is wanted of the next frame; none behind the last one wanted.
    async fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        let begins = self.index * FRAME_BYTES as u64;
        if begins >= self.wanted.end {
            return Ok(None);
        }
        let last = self.index + 1 == frames(self.size);
        let content = (self.size - begins).min(FRAME_BYTES as u64);
        let length = usize::try_from(content).unwrap_or(FRAME_BYTES) + FRAME_OVERHEAD;
        while self.held.len() < length {
            match self.sealed.next().await {
                Some(bytes) => self.held.extend_from_slice(&bytes?),
                None => return Err(FileError::Damaged("it ends too early")),
            }
        }
        let sealed = self.held.split_to(length);
        let opened = self.key.open(self.index, last, &sealed);
        let opened = Bytes::from(opened.ok_or(FileError::Damaged("a frame does not open"))?);
        self.index += 1;
        let place = |at: u64| usize::try_from(at.saturating_sub(begins)).unwrap_or(usize::MAX);
        let (from, to) = (place(self.wanted.start), place(self.wanted.end));
        Ok(Some(opened.slice(from..to.min(opened.len()))))
    }
}

/// A question to the key store, where it may block.
async fn blocking<T: Send + 'static>(
    keys: &Arc<dyn KeyStore>,
    ask: impl FnOnce(&dyn KeyStore) -> T + Send + 'static,
) -> Result<T, FileError> {
    let keys = Arc::clone(keys);
    tokio::task::spawn_blocking(move || ask(&*keys))
        .await
        .map_err(|cause| event_store::StoreError::Unavailable(cause.to_string()).into())
}
