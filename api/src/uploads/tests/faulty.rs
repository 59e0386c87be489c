//! A store that fails: nothing of a file is seen before all of it is there.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::http::StatusCode;
use event_store::SealKeys;
use event_store::keys::{KeyStore, SqliteKeyStore};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::world::noise;
use crate::error::ApiError;
use crate::uploads::error::FileError;
use crate::uploads::objects::Objects;
use crate::uploads::sealed::{SealedFile, SealedWriter};

/// Fails at the call of this number from now on, and at all that follow.
#[derive(Debug)]
struct Faulty {
    inner: InMemory,
    left: Arc<AtomicUsize>,
    aborted: Arc<AtomicUsize>,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

fn call(left: &AtomicUsize) -> Result<()> {
    let took = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    });
    match took {
        Ok(_) => Ok(()),
        Err(_) => Err(object_store::Error::Generic {
            store: "Faulty",
            source: "500 Internal Server Error".into(),
        }),
    }
}

#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    left: Arc<AtomicUsize>,
    aborted: Arc<AtomicUsize>,
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        match call(&self.left) {
            Ok(()) => self.inner.put_part(data),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    async fn complete(&mut self) -> Result<PutResult> {
        call(&self.left)?;
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.aborted.fetch_add(1, Ordering::SeqCst);
        self.inner.abort().await
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, to: &Path, put: PutPayload, how: PutOptions) -> Result<PutResult> {
        call(&self.left)?;
        self.inner.put_opts(to, put, how).await
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        how: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        call(&self.left)?;
        Ok(Box::new(FaultyUpload {
            inner: self.inner.put_multipart_opts(to, how).await?,
            left: Arc::clone(&self.left),
            aborted: Arc::clone(&self.aborted),
        }))
    }

    async fn get_opts(&self, from: &Path, how: GetOptions) -> Result<GetResult> {
        call(&self.left)?;
        self.inner.get_opts(from, how).await
    }

    fn delete_stream(
        &self,
        which: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(which)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, how: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, how).await
    }
}

struct Kept {
    objects: Objects,
    keys: Arc<dyn KeyStore>,
    left: Arc<AtomicUsize>,
    aborted: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

const UPLOAD: Uuid = Uuid::from_u128(7);

fn under() -> SealKeys {
    SealKeys {
        subject: "account:1".into(),
        bucket: Some("upload:7".into()),
    }
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = Zeroizing::new([1; 32]);
        let keys = SqliteKeyStore::open(folder.path().join("keys.db"), master).unwrap();
        let (left, aborted) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::default());
        let store = Faulty {
            inner: InMemory::new(),
            left: Arc::clone(&left),
            aborted: Arc::clone(&aborted),
        };
        Self {
            objects: Objects::in_store(Arc::new(store), 100_000),
            keys: Arc::new(keys),
            left,
            aborted,
            _folder: folder,
        }
    }

    async fn write(&self, bytes: &[u8]) -> std::result::Result<u64, FileError> {
        let mut writer = SealedWriter::begin(&self.objects, &self.keys, under(), UPLOAD).await?;
        for piece in bytes.chunks(10_000) {
            writer.write(piece).await?;
        }
        writer.finish().await
    }

    async fn read(&self, size: usize) -> std::result::Result<Vec<u8>, FileError> {
        let size = size as u64;
        let file = SealedFile {
            object: UPLOAD,
            under: under(),
            size,
        };
        let pieces = file.read(&self.objects, &self.keys, 0..size).await?;
        Ok(pieces.try_collect::<Vec<_>>().await?.concat())
    }

    async fn listed(&self) -> usize {
        self.objects
            .list()
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .len()
    }
}

#[tokio::test]
async fn whatever_call_of_the_store_fails_no_part_of_a_file_is_seen() {
    for size in [1, 65_536, 99_000, 500_000] {
        let bytes = noise(size);
        let mut calls = 0;
        loop {
            let kept = Kept::new();
            kept.left.store(calls, Ordering::SeqCst);
            let written = kept.write(&bytes).await;
            kept.left.store(usize::MAX, Ordering::SeqCst);
            let Err(error) = written else {
                assert_eq!(kept.listed().await, 1);
                assert!(kept.read(size).await.unwrap() == bytes);
                assert_eq!(kept.aborted.load(Ordering::SeqCst), 0);
                break;
            };
            assert_eq!(
                ApiError::from(error).status,
                StatusCode::SERVICE_UNAVAILABLE
            );
            assert_eq!(kept.listed().await, 0, "{size} bytes, call {calls}");
            // What was begun is ended, in the background.
            let begun = usize::from(calls > 0);
            while kept.aborted.load(Ordering::SeqCst) < begun {
                tokio::task::yield_now().await;
            }
            kept.write(&bytes).await.unwrap();
            assert!(
                kept.read(size).await.unwrap() == bytes,
                "the next one succeeds"
            );
            calls += 1;
        }
        let whole_at_once = size < 99_999;
        assert_eq!(calls == 1, whole_at_once, "{size} bytes took {calls} calls");
    }
}

#[tokio::test]
async fn a_file_whose_key_was_destroyed_is_erased_and_one_without_keys_is_not() {
    let kept = Kept::new();
    kept.write(b"secret").await.unwrap();
    assert_eq!(kept.read(6).await.unwrap(), b"secret");
    kept.keys.destroy(&["upload:7".into()]).unwrap();
    let error = kept.read(6).await.unwrap_err();
    assert!(matches!(error, FileError::Erased));
    assert_eq!(ApiError::from(error).status, StatusCode::GONE);
    let other = Kept {
        keys: Kept::new().keys,
        ..kept
    };
    let error = ApiError::from(other.read(6).await.unwrap_err());
    assert_eq!(
        (error.status.as_u16(), error.code),
        (503, "key_unavailable")
    );
}

#[tokio::test]
async fn a_store_that_cannot_be_read_says_so_before_anything_is_answered() {
    let kept = Kept::new();
    kept.write(b"bytes").await.unwrap();
    kept.left.store(0, Ordering::SeqCst);
    let error = ApiError::from(kept.read(5).await.unwrap_err());
    assert_eq!(
        (error.status.as_u16(), error.code),
        (503, "files_unavailable")
    );
    assert!(error.retry_after.is_some());
}
