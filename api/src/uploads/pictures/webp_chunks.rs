//! WebP: decoded to see that it can be, and put together anew from the chunks that are picture.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, Limits};

use super::{Budget, PictureError, TWICE, upright};

/// Chunks that are picture.
const KEPT: [&[u8; 4]; 6] = [b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"];

/// Flags of the first chunk that announce chunks that are not: colour profile, EXIF, XMP.
const NOT_PICTURE: u8 = 0b0010_1100;

/// Bytes of a frame's head before the chunks that it is made of.
const FRAME_HEAD: usize = 16;

/// Times that a moving picture is in memory: as it is so far, the next frame, and both together.
const MOVING: u64 = 3;

/// Width, height, and how many bytes each of its pixels takes.
pub(super) fn extent(bytes: &[u8]) -> Result<(u32, u32, u64), PictureError> {
    let decoder = decoder(bytes)?;
    let times = if decoder.has_animation() {
        MOVING
    } else {
        TWICE
    };
    Ok(super::extent(&decoder, times))
}

/// The picture, or all its frames, and nothing else.
pub(super) fn cleaned(
    bytes: &[u8],
    mut budget: Budget,
    limits: Limits,
) -> Result<Bytes, PictureError> {
    let mut picture = decoder(bytes)?;
    if picture.has_animation() {
        for frame in picture.into_frames() {
            let frame = frame?;
            let (width, height) = frame.buffer().dimensions();
            budget.spend(width, height)?;
        }
        return Ok(only_picture(bytes)?.into());
    }
    if picture.orientation()? == Orientation::NoTransforms {
        DynamicImage::from_decoder(picture)?;
        return Ok(only_picture(bytes)?.into());
    }
    let mut out = Vec::new();
    let turned = upright(picture, limits)?;
    turned.write_with_encoder(WebPEncoder::new_lossless(&mut out))?;
    Ok(out.into())
}

fn decoder(bytes: &[u8]) -> Result<WebPDecoder<Cursor<&[u8]>>, PictureError> {
    Ok(WebPDecoder::new(Cursor::new(bytes))?)
}

/// The file with the chunks that are picture alone.
fn only_picture(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    let rest = bytes
        .strip_prefix(b"RIFF")
        .and_then(|rest| rest.split_first_chunk::<4>());
    let (length, rest) = rest.ok_or(PictureError::Broken)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    // What follows the file that it says it is, is not part of it.
    let rest = &rest[..rest.len().min(length)];
    let chunks = rest.strip_prefix(b"WEBP").ok_or(PictureError::Broken)?;
    let mut body = b"WEBP".to_vec();
    keep(chunks, &mut body)?;
    let mut out = b"RIFF".to_vec();
    out.extend_from_slice(&size(body.len())?);
    out.extend_from_slice(&body);
    Ok(out)
}

fn keep(mut chunks: &[u8], out: &mut Vec<u8>) -> Result<(), PictureError> {
    while let Some((name, rest)) = chunks.split_first_chunk::<4>() {
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(PictureError::Broken)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (content, rest) = rest.split_at_checked(length).ok_or(PictureError::Broken)?;
        chunks = rest.get(length % 2..).unwrap_or_default();
        if !KEPT.contains(&name) {
            continue;
        }
        let mut kept = content.to_vec();
        match (name, kept.first_mut()) {
            (b"VP8X", Some(flags)) => *flags &= !NOT_PICTURE,
            (b"ANMF", _) => {
                let (head, parts) = content
                    .split_at_checked(FRAME_HEAD)
                    .ok_or(PictureError::Broken)?;
                kept = head.to_vec();
                keep(parts, &mut kept)?;
            }
            _ => {}
        }
        out.extend_from_slice(name);
        out.extend_from_slice(&size(kept.len())?);
        out.extend_from_slice(&kept);
        if kept.len() % 2 == 1 {
            out.push(0);
        }
    }
    Ok(())
}

fn size(length: usize) -> Result<[u8; 4], PictureError> {
    u32::try_from(length)
        .map(u32::to_le_bytes)
        .map_err(|_| PictureError::TooLarge)
}
