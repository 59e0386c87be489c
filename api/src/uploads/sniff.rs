//! What a file is, told by its first bytes: neither its name nor what its sender says counts.

use domain::UploadKind;
use infer::MatcherType;

/// So many bytes tell every type that is told here.
pub(super) const SNIFFED_BYTES: usize = 8 * 1024;

/// The type of a file that nothing else is known of.
pub(super) const ANYTHING: &str = "application/octet-stream";

/// Pictures that are decoded and written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PictureFormat {
    Jpeg,
    Png,
    Gif,
    Webp,
}

impl PictureFormat {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Picture(PictureFormat),
    /// A picture whose metadata nobody here could take away: where it was taken, by what.
    ForeignPicture,
    /// Sound.
    Sound(&'static str),
    /// A container of sound, pictures or both; what it holds is not looked at.
    Recording(&'static str),
    Other(&'static str),
}

/// What a file is whose first bytes these are.
pub(super) fn sniff(head: &[u8]) -> Content {
    let Some(found) = infer::get(head) else {
        return Content::Other(ANYTHING);
    };
    match (found.matcher_type(), found.mime_type()) {
        (_, "image/jpeg") => Content::Picture(PictureFormat::Jpeg),
        (_, "image/png") => Content::Picture(PictureFormat::Png),
        (_, "image/gif") => Content::Picture(PictureFormat::Gif),
        (_, "image/webp") => Content::Picture(PictureFormat::Webp),
        (
            _,
            "image/heif" | "image/avif" | "image/tiff" | "image/x-canon-cr2" | "image/vnd.ms-photo"
            | "image/jxl" | "image/jp2",
        ) => Content::ForeignPicture,
        (MatcherType::Audio, sound) => Content::Sound(sound),
        (_, "video/webm") => Content::Recording("audio/webm"),
        (_, "video/mp4") => Content::Recording("audio/mp4"),
        (_, "application/ogg" | "video/ogg") => Content::Recording("audio/ogg"),
        // A page or a picture with scripts is shown by nobody.
        (MatcherType::Text, _) => Content::Other(ANYTHING),
        (_, other) => Content::Other(other),
    }
}

impl Content {
    /// Its kind and media type, where a sender says that it is a voice message.
    pub(super) fn kind(self, as_voice: bool) -> (UploadKind, &'static str) {
        match self {
            Self::Picture(format) => (UploadKind::Image, format.media_type()),
            Self::Sound(sound) => (UploadKind::Voice, sound),
            Self::Recording(sound) if as_voice => (UploadKind::Voice, sound),
            Self::Recording(_) | Self::ForeignPicture => (UploadKind::File, ANYTHING),
            Self::Other(other) => (UploadKind::File, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        for (head, content) in [
            (
                &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
                Content::Picture(PictureFormat::Png),
            ),
            (
                b"\xff\xd8\xff\xe0\0\x10JFIF\0",
                Content::Picture(PictureFormat::Jpeg),
            ),
            (b"GIF89a\x01\0\x01\0", Content::Picture(PictureFormat::Gif)),
            (
                b"RIFF\x1a\0\0\0WEBPVP8L",
                Content::Picture(PictureFormat::Webp),
            ),
            (b"II*\0\x08\0\0\0\x01\0\0\0", Content::ForeignPicture),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                Content::ForeignPicture,
            ),
            (b"ID3\x03\0\0\0\0\0\0", Content::Sound("audio/mpeg")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Content::Sound("audio/x-wav")),
            (b"%PDF-1.7\n", Content::Other("application/pdf")),
            (
                b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>",
                Content::Other(ANYTHING),
            ),
            (
                b"<!DOCTYPE html><script>alert(1)</script>",
                Content::Other(ANYTHING),
            ),
            (b"hello", Content::Other(ANYTHING)),
            (b"", Content::Other(ANYTHING)),
        ] {
            assert_eq!(sniff(head), content, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_recording_is_a_voice_message_only_if_its_sender_says_so() {
        let webm = Content::Recording("audio/webm");
        assert_eq!(webm.kind(true), (UploadKind::Voice, "audio/webm"));
        assert_eq!(webm.kind(false), (UploadKind::File, ANYTHING));
        let picture = Content::Picture(PictureFormat::Png);
        assert_eq!(picture.kind(true).0, UploadKind::Image);
    }
}
