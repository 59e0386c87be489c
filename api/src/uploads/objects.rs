//! Where sealed bytes are kept: a folder, or a bucket of a service. An object is there whole or not.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, parse_url_opts,
};
use url::Url;
use uuid::Uuid;

use super::error::FileError;
use crate::settings::Settings;

/// The folder of files in `server.data`.
const FOLDER: &str = "files";

/// Bytes written at a time into a folder.
const LOCAL_PART_BYTES: usize = 512 * 1024;

/// Bytes sent at a time to a service: none takes less but for the last part.
const REMOTE_PART_BYTES: usize = 5 * 1024 * 1024;

/// Objects by their ids.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Where they are, if in a folder.
    folder: Option<PathBuf>,
    part_bytes: usize,
}

/// An object that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub object: Uuid,
    /// When it was written, in microseconds since the Unix epoch.
    pub written_at: i64,
}

/// Why objects cannot be kept where the settings say.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    #[error("{0}: {1}")]
    Folder(PathBuf, std::io::Error),
    #[error(transparent)]
    Store(#[from] object_store::Error),
}

impl Objects {
    /// As the settings say; a folder that is not there is made.
    pub fn open(settings: &Settings) -> Result<Self, ObjectsError> {
        let named = settings.upload.store.as_ref();
        let folder = match named {
            None => Some(settings.server.data.join(FOLDER)),
            Some(url) if url.scheme() == "file" => url.to_file_path().ok(),
            Some(_) => None,
        };
        match (folder, named) {
            (None, Some(url)) => Self::remote(url),
            (folder, _) => Self::local(&folder.unwrap_or_default()),
        }
    }

    fn local(folder: &FilePath) -> Result<Self, ObjectsError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| ObjectsError::Folder(folder.to_owned(), error))?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            prefix: Path::default(),
            folder: Some(folder.to_owned()),
            part_bytes: LOCAL_PART_BYTES,
        })
    }

    fn remote(url: &Url) -> Result<Self, ObjectsError> {
        let (store, prefix) = parse_url_opts(url, std::env::vars())?;
        Ok(Self::of(Arc::from(store), prefix, REMOTE_PART_BYTES))
    }

    fn of(store: Arc<dyn ObjectStore>, prefix: Path, part_bytes: usize) -> Self {
        Self {
            store,
            prefix,
            folder: None,
            part_bytes,
        }
    }

    /// Those of a store, for tests.
    #[cfg(test)]
    pub(super) fn in_store(store: Arc<dyn ObjectStore>, part_bytes: usize) -> Self {
        Self::of(store, Path::default(), part_bytes)
    }

    /// Its last two digits make folders of bearable size: they are random.
    fn path(&self, object: Uuid) -> Path {
        let name = object.simple().to_string();
        self.prefix.clone().join(&name[30..]).join(name.as_str())
    }

    /// A new object, to be written.
    pub(super) fn create(&self, object: Uuid) -> NewObject {
        NewObject {
            objects: self.clone(),
            path: self.path(object),
            part: Vec::new(),
            begun: None,
        }
    }

    /// A stretch of an object, and how long all of it is.
    pub(super) async fn read(
        &self,
        object: Uuid,
        from: u64,
        to: u64,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, FileError>>), FileError> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(from..to)),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&self.path(object), options).await?;
        let length = found.meta.size;
        Ok((length, found.into_stream().map_err(FileError::from).boxed()))
    }

    /// Removes an object; one that is not there is removed already.
    pub(crate) async fn remove(&self, object: Uuid) -> Result<(), FileError> {
        match self.store.delete(&self.path(object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// All objects that are there, in no order.
    pub(crate) fn list(&self) -> BoxStream<'static, Result<Listed, FileError>> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        self.store
            .list(prefix)
            .map_err(FileError::from)
            .try_filter_map(async |meta| {
                let name = meta.location.filename().unwrap_or_default();
                Ok(Uuid::try_parse(name).ok().map(|object| Listed {
                    object,
                    written_at: meta.last_modified.timestamp_micros(),
                }))
            })
            .boxed()
    }

    /// Removes what a process that was killed left half-written in a folder, if it is older than
    /// this. A service clears away such parts itself, as its bucket is set up. Blocks on the disk.
    pub(crate) fn remove_unfinished(&self, older_than: Duration) -> std::io::Result<usize> {
        let Some(folder) = &self.folder else {
            return Ok(0);
        };
        let mut removed = 0;
        for part in std::fs::read_dir(folder)? {
            let part = part?;
            if !part.file_type()?.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(part.path())? {
                let file = file?;
                let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
                // The store puts `#` and a number behind the name of what is not whole yet.
                if file.file_name().to_string_lossy().contains('#') && age >= older_than {
                    std::fs::remove_file(file.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// An object that is being written. Nobody sees any of it before it is whole; dropped before that,
/// nothing of it stays.
pub(super) struct NewObject {
    objects: Objects,
    path: Path,
    part: Vec<u8>,
    begun: Option<Box<dyn MultipartUpload>>,
}

impl NewObject {
    /// Writes on, and waits until there is room for more.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.part.extend_from_slice(bytes);
        if self.part.len() < self.objects.part_bytes {
            return Ok(());
        }
        if self.begun.is_none() {
            self.begun = Some(self.objects.store.put_multipart(&self.path).await?);
        }
        let part = std::mem::take(&mut self.part);
        if let Some(begun) = &mut self.begun {
            begun.put_part(PutPayload::from(part)).await?;
        }
        Ok(())
    }

    /// Makes it seen; it is on disk on return.
    pub(super) async fn finish(mut self) -> Result<(), FileError> {
        let part = std::mem::take(&mut self.part);
        let Some(begun) = &mut self.begun else {
            let store = &self.objects.store;
            store.put(&self.path, PutPayload::from(part)).await?;
            return Ok(());
        };
        if !part.is_empty() {
            begun.put_part(PutPayload::from(part)).await?;
        }
        begun.complete().await?;
        self.begun = None;
        Ok(())
    }
}

impl Drop for NewObject {
    fn drop(&mut self) {
        let Some(mut begun) = self.begun.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = begun.abort().await {
                    tracing::warn!(%error, "parts of a broken upload were left in the store");
                }
            });
        }
    }
}
