//! The address of a file, as it is given out and as it comes back in a message.

use axum::http::StatusCode;
use domain::{MessageKind, PersonId, UploadId, UploadKind};
use projections::uploads::{self, UploadRow};
use uuid::Uuid;

use crate::app::App;
use crate::commands::Once;
use crate::error::ApiError;
use crate::once::fingerprint;

/// Where all files are.
const PREFIX: &str = "/files/";

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The address of a file, the same in every dialect. Its name is not part of it: addresses end up
/// in logs.
pub fn file_url(upload: UploadId) -> String {
    format!("{PREFIX}{upload}")
}

/// The file of somebody's that a message names in a field of its body by the address.
///
/// # Errors
/// 422 for what is not the address of a file, 403 for the file of another and for one that is not
/// there alike, 503 where the read models lag too much to tell.
pub async fn own_file(
    app: &App,
    person: PersonId,
    field: &str,
    url: &str,
) -> Result<UploadRow, ApiError> {
    let message = "must be the address of a file of yours on this server";
    let id = named_by(url).ok_or_else(|| ApiError::invalid("body", field, message))?;
    let found = match find(app, id).await? {
        // They may have brought it before the read models had it.
        None if app.caught_up().await => find(app, id).await?,
        None => {
            return Err(ApiError::unavailable(
                "reads_lag",
                "the read models are behind; try again",
                RETRY_AFTER_SECONDS,
            ));
        }
        found => found,
    };
    let own = found.filter(|upload| upload.owner == person);
    own.ok_or_else(|| ApiError::new(StatusCode::FORBIDDEN, "not_your_file", message))
}

/// Binds the key of a repeatable request to the file that it names: another one under the same key
/// is a conflict.
pub fn bind_file(app: &App, once: &mut Option<Once>, file: UploadId) {
    if let Some(once) = once {
        let parts = [once.fingerprint.as_bytes(), file.0.as_bytes()];
        once.fingerprint = fingerprint(&app.authority.pepper, &parts);
    }
}

/// What a message is that has this file, where its sender does not say so.
pub fn found_kind(file: UploadKind) -> MessageKind {
    match file {
        UploadKind::Image => MessageKind::Image,
        UploadKind::File => MessageKind::File,
        UploadKind::Voice => MessageKind::Voice,
    }
}

/// What stands in an address for a file.
pub(super) fn named_by(url: &str) -> Option<Named> {
    let rest = url.strip_prefix(PREFIX)?;
    let id = rest.split(['?', '#']).next().unwrap_or_default();
    Named::of(id.strip_suffix('/').unwrap_or(id))
}

/// By what a file is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Id(UploadId),
    Number(u64),
}

impl Named {
    pub fn of(text: &str) -> Option<Self> {
        match (Uuid::try_parse(text), text.parse()) {
            (Ok(id), _) => Some(Self::Id(UploadId(id))),
            (Err(_), Ok(number)) => Some(Self::Number(number)),
            (Err(_), Err(_)) => None,
        }
    }
}

pub(super) async fn find(app: &App, named: Named) -> Result<Option<UploadRow>, ApiError> {
    Ok(match named {
        Named::Id(id) => uploads::by_id(&*app.reader, id).await?,
        Named::Number(number) => uploads::by_number(&*app.reader, number).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_was_given_out_is_understood_when_it_comes_back() {
        let upload = UploadId(Uuid::from_u128(7));
        let url = file_url(upload);
        for url in [url.clone(), format!("{url}?ticket=abc"), format!("{url}/")] {
            assert_eq!(named_by(&url), Some(Named::Id(upload)), "{url}");
        }
        assert_eq!(named_by("/files/12"), Some(Named::Number(12)));
    }

    #[test]
    fn every_other_address_is_none_of_ours() {
        for url in [
            "",
            "/files/",
            "/files/x",
            "/files/-1",
            "/files/../files/12",
            "files/12",
            "//files/12",
            "https://elsewhere.example/files/12",
            "/uploads/12",
            "/files/12/name.png",
            "javascript:/files/12",
        ] {
            assert_eq!(named_by(url), None, "{url}");
        }
    }
}
