//! What a message shows: an upload of its sender's, or something elsewhere.

use axum::http::{HeaderMap, Uri, header};
use domain::{MessageKind, PersonId, UploadId};

use crate::app::App;
use crate::auth::normalized_origin;
use crate::error::ApiError;
use crate::uploads::{found_kind, own_file};

/// Ends of addresses that are those of pictures.
const PICTURES: [&str; 7] = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "svg"];

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attachment {
    /// An upload, and what it is by its bytes.
    File {
        upload: UploadId,
        found: MessageKind,
    },
    /// An address elsewhere.
    Link(String),
}

impl Attachment {
    /// What somebody names by its address.
    ///
    /// # Errors
    /// 403 for an address on this server that is no upload of theirs, 503 where the read models
    /// lag too much to tell.
    pub async fn named(
        app: &App,
        person: PersonId,
        host: Option<&str>,
        url: &str,
    ) -> Result<Self, ApiError> {
        let Some(path) = path_here(host, url) else {
            return Ok(Self::Link(url.to_owned()));
        };
        let file = own_file(app, person, "attachmentUrl", path).await;
        let file = file.map_err(|error| {
            if error.status.is_client_error() {
                let message = "must be the address of a file of yours on this server";
                ApiError::forbidden("not_your_file", message)
            } else {
                error
            }
        })?;
        Ok(Self::File {
            upload: file.id,
            found: found_kind(file.kind),
        })
    }

    /// What a message is that shows it: as its sender says, else as its bytes, or the end of its
    /// address, tell. A text that has a file is what the file is.
    pub fn kind(&self, said: Option<MessageKind>) -> MessageKind {
        match (self, said) {
            (Self::File { found, .. }, None | Some(MessageKind::Text)) => *found,
            (_, Some(said)) => said,
            (Self::Link(link), None) if is_picture(link) => MessageKind::Image,
            (Self::Link(_), None) => MessageKind::File,
        }
    }
}

/// The host that a request was for.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// The path of an address on this server, judged by the host that the request was for; none for
/// one elsewhere.
fn path_here<'a>(host: Option<&str>, url: &'a str) -> Option<&'a str> {
    if url.starts_with('/') {
        return Some(url);
    }
    let (scheme, rest) = url.split_once("://")?;
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let origin = |host: &str| normalized_origin(&format!("{scheme}://{host}"));
    let here = origin(host?)?;
    (origin(authority)? == here).then_some(path)
}

fn is_picture(link: &str) -> bool {
    let path = link.parse::<Uri>().map(|uri| uri.path().to_owned());
    let path = path.unwrap_or_default();
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    PICTURES.iter().any(|known| end.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_here_by_the_host_that_was_asked() {
        let host = Some("chat.example:3000");
        for (url, here) in [
            ("/files/1", Some("/files/1")),
            ("//elsewhere.example/a", Some("//elsewhere.example/a")),
            ("http://chat.example:3000/files/1", Some("/files/1")),
            ("HTTPS://Chat.Example:3000/files/1?x", Some("/files/1?x")),
            ("http://chat.example:3000", Some("")),
            ("http://chat.example/files/1", None),
            ("https://example.com/image.jpg", None),
            ("http://chat.example:3000@example.com/", None),
            ("no address", None),
        ] {
            assert_eq!(path_here(host, url), here, "{url}");
        }
    }

    #[test]
    fn what_a_message_is_its_sender_says_or_the_attachment() {
        let link = |url: &str| Attachment::Link(url.to_owned());
        let picture = link("https://example.com/a/IMAGE.JPG?size=3");
        assert_eq!(picture.kind(None), MessageKind::Image);
        assert_eq!(picture.kind(Some(MessageKind::Text)), MessageKind::Text);
        let other = link("https://example.com/jpg");
        assert_eq!(other.kind(None), MessageKind::File);
        let upload = UploadId(uuid::Uuid::from_u128(1));
        let found = MessageKind::Image;
        let file = Attachment::File { upload, found };
        assert_eq!(file.kind(None), MessageKind::Image);
        assert_eq!(file.kind(Some(MessageKind::Text)), MessageKind::Image);
        assert_eq!(file.kind(Some(MessageKind::File)), MessageKind::File);
    }
}
