//! Taking a file: counted, told by its bytes, sealed as it comes, and noted once it is durable.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use bytes::Bytes;
use domain::{
    Bucket, Event, PersonId, RoomId, SealedUnder, Subject, UploadEnd, UploadEvent, UploadId,
    UploadKind,
};
use event_store::{SealKeys, StoreError};
use projections::fact;
use uuid::Uuid;

use super::body::Unread;
use super::error::unsupported;
use super::form::{FilePart, Form};
use super::quota::Room;
use super::sealed::SealedWriter;
use super::sniff::{Content, PictureFormat, SNIFFED_BYTES, sniff};
use super::{busy, is_multipart, names, pictures, place, units};
use crate::app::App;
use crate::commands::uploads::{EraseUpload, StoreUpload};
use crate::commands::{CommandError, Once, Request};
use crate::error::ApiError;
use crate::limits::Payer;
use crate::once::fingerprint;

/// Fields in which clients say what a message is.
const KIND_FIELDS: [&str; 3] = ["message_type", "messageType", "type"];

/// Who uploads, and for what.
#[derive(Debug, Clone)]
pub struct Uploader {
    pub person: PersonId,
    /// By whom it is counted.
    pub payer: Payer,
    /// The room that it is brought to; then it goes to no other.
    pub room: Option<RoomId>,
    /// Whose content it is: the account of the person, or the consultation of the room.
    pub subject: Subject,
}

/// A form as it came; none where the request has no form. Handlers take it as
/// `Option<UploadForm>`, or find it in the parts of their request by [`UploadForm::of`].
pub struct UploadForm {
    headers: HeaderMap,
    body: Unread,
}

/// What came in a form.
#[derive(Debug)]
pub struct Received {
    /// Every field but the file.
    pub fields: BTreeMap<String, String>,
    pub upload: Option<StoredUpload>,
    /// Hash of all that came.
    digest: [u8; 32],
}

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUpload {
    pub id: UploadId,
    /// By which clients know it.
    pub number: u64,
    pub name: String,
    /// Bytes, as they are served.
    pub size: u64,
    pub media_type: String,
    pub kind: UploadKind,
    /// The log position of its event.
    pub position: u64,
    /// The read models have not passed it yet.
    pub lagging: bool,
    /// The same request had brought it before.
    pub repeated: bool,
}

impl UploadForm {
    /// The form of a request.
    pub fn of(parts: &Parts) -> Option<Self> {
        if !is_multipart(&parts.headers) {
            return None;
        }
        let body = parts.extensions.get::<Unread>()?.clone();
        let headers = parts.headers.clone();
        Some(Self { headers, body })
    }
}

impl axum::extract::OptionalFromRequestParts<Arc<App>> for UploadForm {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Arc<App>,
    ) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}

impl FromRequestParts<Arc<App>> for UploadForm {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        Self::of(parts)
            .ok_or_else(|| unsupported("not_a_form", "a file comes as multipart/form-data"))
    }
}

impl Received {
    /// The file.
    ///
    /// # Errors
    /// 422 where none came.
    pub fn file(&self) -> Result<&StoredUpload, ApiError> {
        let missing = || ApiError::invalid("body", "file", "is missing");
        self.upload.as_ref().ok_or_else(missing)
    }

    /// Binds the key of a repeatable request to all that came, the bytes of the file included:
    /// other content under the same key is a conflict.
    pub fn bind(&self, app: &App, once: &mut Option<Once>) {
        bind(app, &self.digest, once);
    }
}

fn bind(app: &App, digest: &[u8; 32], once: &mut Option<Once>) {
    if let Some(once) = once {
        let parts = [once.fingerprint.as_bytes(), digest];
        once.fingerprint = fingerprint(&app.authority.pepper, &parts);
    }
}

/// What came of a file before its event.
struct Kept {
    object: Uuid,
    size: u64,
    name: String,
    content: Content,
}

/// Reads a form. Its file is durable and noted on return, and waits for a message of its uploader:
/// none within 24 h and it is erased. `upload` is the file's id; where `request` may be repeated it
/// must be derived from its key, and a repeat gives the file of the first.
///
/// # Errors
/// 413 for too many bytes, pixels, or more than the quota; 415 for a picture that is none; 422 for
/// fields; 429; 503 and 507 where it cannot be kept. Nothing stays of it then.
pub async fn receive(
    app: &App,
    mut request: Request,
    uploader: &Uploader,
    upload: UploadId,
    form: UploadForm,
) -> Result<Received, ApiError> {
    let _turn = app.uploads.turns.take(uploader.person)?;
    let _place = place(&app.uploads.places).await?;
    let mut form = Form::new(&form.headers, form.body, app.uploads.max_bytes)?;
    let Some(file) = form.next_file().await? else {
        let (fields, digest) = form.finish();
        return Ok(Received {
            fields,
            upload: None,
            digest,
        });
    };
    app.limits.upload(uploader.payer)?;
    let mut room = app
        .uploads
        .quotas
        .room(&*app.reader, uploader.person)
        .await?;
    let keys = SealedUnder {
        subject: uploader.subject,
        bucket: Some(Bucket::Upload(upload.0)),
    };
    let kept = keep(app, &mut form, file, &mut room, &keys).await?;
    let (fields, digest) = form.finish();
    let (kind, media_type) = kept.content.kind(says(&fields, "voice"));
    bind(app, &digest, &mut request.once);
    let store = StoreUpload {
        upload,
        owner: uploader.person,
        room: uploader.room,
        object: kept.object,
        size: kept.size,
        media_type: media_type.to_owned(),
        kind,
        name: kept.name,
        keys,
    };
    let stored = note(app, &request, &store).await?;
    Ok(Received {
        fields,
        upload: Some(stored),
        digest,
    })
}

/// Keeps the bytes of the file of a form, and reads the rest of the form.
async fn keep(
    app: &App,
    form: &mut Form,
    mut file: FilePart,
    room: &mut Room,
    keys: &SealedUnder,
) -> Result<Kept, ApiError> {
    let object = app.ids.next();
    let name = names::displayed(&file.name);
    let mut head = Vec::new();
    while head.len() < SNIFFED_BYTES
        && let Some(bytes) = next(form, &mut file, room).await?
    {
        head.extend_from_slice(&bytes);
    }
    if head.is_empty() {
        return Err(domain::Refusal::EmptyFile.into());
    }
    let content = sniff(&head);
    check_said(&form.fields, content)?;
    let writer = SealedWriter::begin(&app.uploads.objects, &app.keys, names_of(keys), object);
    let size = if let Content::Picture(format) = content {
        let _place = place(&app.uploads.pictures).await?;
        while let Some(bytes) = next(form, &mut file, room).await? {
            head.extend_from_slice(&bytes);
        }
        finish_form(form, file, content).await?;
        let raw = head.len();
        let cleaned = clean(app, format, head).await?;
        room.take(cleaned.len().saturating_sub(raw))?;
        let mut writer = writer.await?;
        writer.write(&cleaned).await?;
        writer.finish().await?
    } else {
        let mut writer = writer.await?;
        writer.write(&head).await?;
        drop(head);
        while let Some(bytes) = next(form, &mut file, room).await? {
            writer.write(&bytes).await?;
        }
        finish_form(form, file, content).await?;
        writer.finish().await?
    };
    Ok(Kept {
        object,
        size,
        name,
        content,
    })
}

async fn next(
    form: &mut Form,
    file: &mut FilePart,
    room: &mut Room,
) -> Result<Option<Bytes>, ApiError> {
    let bytes = file.next().await?;
    if let Some(bytes) = &bytes {
        room.take(bytes.len())?;
        form.note_bytes(bytes);
    }
    Ok(bytes)
}

/// Reads the fields behind the file; they may say what it is as well.
async fn finish_form(form: &mut Form, file: FilePart, content: Content) -> Result<(), ApiError> {
    // The next part can be read only when this one is let go.
    drop(file);
    while form.next_file().await?.is_some() {}
    check_said(&form.fields, content)
}

/// What the sender says that it is must be what its bytes are.
fn check_said(fields: &BTreeMap<String, String>, content: Content) -> Result<(), ApiError> {
    if content == Content::ForeignPicture {
        return Err(unsupported(
            "picture_unsupported",
            "pictures are taken as JPEG, PNG, GIF or WebP",
        ));
    }
    if says(fields, "image") && !matches!(content, Content::Picture(_)) {
        return Err(unsupported("not_a_picture", "this file is not a picture"));
    }
    let is_sound = matches!(content, Content::Sound(_) | Content::Recording(_));
    if says(fields, "voice") && !is_sound {
        return Err(unsupported(
            "not_a_recording",
            "this file is not a recording",
        ));
    }
    Ok(())
}

fn says(fields: &BTreeMap<String, String>, kind: &str) -> bool {
    let mut said = KIND_FIELDS.iter().filter_map(|field| fields.get(*field));
    said.any(|said| said.eq_ignore_ascii_case(kind))
}

/// Writes a picture anew, on a thread of its own when there is memory for it.
async fn clean(app: &App, format: PictureFormat, bytes: Vec<u8>) -> Result<Bytes, ApiError> {
    let max_pixels = app.uploads.max_pixels;
    let needed = pictures::memory(format, &bytes, max_pixels)?;
    let needed = units(needed).min(app.uploads.decoding_units);
    let decoding = Arc::clone(&app.uploads.decoding);
    let memory = tokio::time::timeout(super::PLACE_WAIT, decoding.acquire_many_owned(needed));
    let Ok(Ok(memory)) = memory.await else {
        return Err(busy());
    };
    let cleaned = tokio::task::spawn_blocking(move || {
        let cleaned = pictures::cleaned(format, &bytes, max_pixels);
        drop(memory);
        cleaned
    });
    match cleaned.await {
        Ok(cleaned) => Ok(cleaned?),
        Err(error) => {
            // A decoder that panics has met a picture that is none.
            tracing::error!(%error, "a picture could not be decoded");
            Err(pictures::PictureError::Broken.into())
        }
    }
}

/// Notes that a file is durable. One that is not noted is removed.
async fn note(app: &App, request: &Request, store: &StoreUpload) -> Result<StoredUpload, ApiError> {
    let done = match app.commands.execute(request, store).await {
        Ok(done) => done,
        Err(error) => {
            // Where the outcome is unknown the sweeper finds out later whether it is needed.
            if !matches!(error, CommandError::Store(StoreError::Unknown(_))) {
                remove(app, store.object).await;
            }
            return Err(error.into());
        }
    };
    if done.repeated {
        remove(app, store.object).await;
    }
    let recorded = done.event("upload.stored").ok_or_else(ApiError::internal)?;
    let lagging = !app.projected(recorded.position).await;
    let fact = fact(Arc::clone(recorded), &*app.keys).map_err(|error| {
        tracing::error!(%error, "an upload cannot be read");
        ApiError::internal()
    })?;
    let Event::Upload(UploadEvent::Stored {
        upload,
        size,
        media_type,
        kind,
        details,
        ..
    }) = fact.event
    else {
        return Err(ApiError::internal());
    };
    let name = details.get().map(|details| details.name.clone());
    Ok(StoredUpload {
        id: upload,
        number: recorded.number(),
        name: name.ok_or_else(super::error::erased)?,
        size,
        media_type,
        kind,
        position: recorded.position,
        lagging,
        repeated: done.repeated,
    })
}

async fn remove(app: &App, object: Uuid) {
    if let Err(error) = app.uploads.objects.remove(object).await {
        tracing::warn!(%error, "an object that nothing needs was left to the sweeper");
    }
}

/// Erases a file that was just taken and that its message, refused or a repeat, did not come to
/// have. Should that fail, the sweeper does it a day later.
pub async fn discard(app: &App, upload: UploadId, reason: UploadEnd) {
    let request = Request::system(app.ids.next(), None);
    let erase = EraseUpload { upload, reason };
    if let Err(error) = app.commands.execute(&request, &erase).await {
        tracing::warn!(%error, "a file without a message was left to the sweeper");
    }
}

/// The names of both keys, as the store knows them.
fn names_of(keys: &SealedUnder) -> SealKeys {
    SealKeys {
        subject: keys.subject.to_string().into(),
        bucket: keys.bucket.map(|bucket| bucket.to_string().into()),
    }
}
