//! Pictures: decoded within limits and written anew, so that nothing but the picture is left, turned
//! as it is to be seen.

mod gif_frames;
#[cfg(test)]
mod tests;
mod webp_chunks;

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageError, Limits};

use super::sniff::PictureFormat;

/// Frames of a moving picture.
const MAX_FRAMES: usize = 1_000;

/// How many times as many pixels as a still picture all frames of a moving one may have.
const MOVING: u64 = 8;

/// A side of a picture, in pixels.
const MAX_SIDE: u32 = 30_000;

/// Of 100: more than anybody sees, and less than cameras write.
const JPEG_QUALITY: u8 = 90;

/// Bytes that a pixel of the largest picture may take while it is decoded, turned and written: as
/// much as that of a photo. Pictures that take more, of 16 bits a colour, have to be smaller.
const BYTES_PER_PIXEL: u64 = 9;

/// How many times a picture is in memory when it is turned or written: as it was, and as it will be.
const TWICE: u64 = 2;

/// The same of a JPEG whose lines come in several passes: what its passes add up to, besides.
const THRICE: u64 = 3;

/// Why a picture was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PictureError {
    /// It says that it is a picture, and is not.
    #[error("this picture cannot be decoded")]
    Broken,
    #[error("this picture has too many pixels or frames")]
    TooLarge,
}

impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            ImageError::Decoding(_)
            | ImageError::Encoding(_)
            | ImageError::Parameter(_)
            | ImageError::Unsupported(_)
            | ImageError::IoError(_) => Self::Broken,
        }
    }
}

/// How many pixels all frames of a picture may have together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pixels: u64,
    frames: usize,
}

impl Budget {
    fn new(max_pixels: u64) -> Self {
        Self {
            pixels: max_pixels,
            frames: MAX_FRAMES,
        }
    }

    /// Takes a frame of this size from it.
    fn spend(&mut self, width: u32, height: u32) -> Result<(), PictureError> {
        let pixels = u64::from(width) * u64::from(height);
        let left = self.pixels.checked_sub(pixels);
        self.pixels = left.ok_or(PictureError::TooLarge)?;
        self.frames = self.frames.checked_sub(1).ok_or(PictureError::TooLarge)?;
        Ok(())
    }
}

/// How much memory it takes at most to write the largest picture anew.
pub(super) fn memory_at_most(max_bytes: usize, max_pixels: u64) -> u64 {
    max_bytes as u64 + max_pixels * BYTES_PER_PIXEL
}

/// How much memory it takes at most to write a picture of so many bytes anew. It reads no more
/// than the picture's head.
///
/// # Errors
/// The picture is too large, or is none.
pub(super) fn memory(
    format: PictureFormat,
    bytes: &[u8],
    max_pixels: u64,
) -> Result<u64, PictureError> {
    let (width, height, per_pixel) = match format {
        PictureFormat::Jpeg => extent(&JpegDecoder::new(Cursor::new(bytes))?, THRICE),
        PictureFormat::Png => extent(&png_head(bytes)?, TWICE),
        PictureFormat::Gif => gif_frames::extent(bytes)?,
        PictureFormat::Webp => webp_chunks::extent(bytes)?,
    };
    if width == 0 || height == 0 {
        return Err(PictureError::Broken);
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(PictureError::TooLarge);
    }
    Budget::new(max_pixels).spend(width, height)?;
    let pixels = u64::from(width) * u64::from(height) * per_pixel;
    if pixels > max_pixels.saturating_mul(BYTES_PER_PIXEL) {
        return Err(PictureError::TooLarge);
    }
    Ok(bytes.len() as u64 + pixels)
}

/// Width, height, and how many bytes each of its pixels takes.
fn extent(decoder: &impl ImageDecoder, times: u64) -> (u32, u32, u64) {
    let (width, height) = decoder.dimensions();
    let bytes = u64::from(decoder.color_type().bytes_per_pixel());
    (width, height, bytes * times)
}

/// A head may have a colour profile in it, packed: no more comes out of it than there are bytes, and
/// a little more for small ones.
fn png_head(bytes: &[u8]) -> Result<PngDecoder<Cursor<&[u8]>>, ImageError> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes.len() as u64 + MIN_ALLOCATION);
    PngDecoder::with_limits(Cursor::new(bytes), limits)
}

/// The picture and nothing else. Takes time and memory: it belongs where few run at once.
///
/// # Errors
/// The picture is too large, or is none.
pub(super) fn cleaned(
    format: PictureFormat,
    bytes: &[u8],
    max_pixels: u64,
) -> Result<Bytes, PictureError> {
    let memory = memory(format, bytes, max_pixels)?;
    let limits = || {
        let mut limits = Limits::no_limits();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(memory.max(MIN_ALLOCATION));
        limits
    };
    let moving = Budget::new(max_pixels.saturating_mul(MOVING));
    match format {
        PictureFormat::Jpeg => {
            let mut out = Vec::with_capacity(bytes.len());
            let decoder = JpegDecoder::new(Cursor::new(bytes))?;
            let picture = upright(decoder, limits())?;
            let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
            // It knows no other depth or transparency.
            match picture {
                DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => picture,
                DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(picture.into_luma8()),
                _ => DynamicImage::ImageRgb8(picture.into_rgb8()),
            }
            .write_with_encoder(encoder)?;
            Ok(out.into())
        }
        PictureFormat::Png => {
            let mut out = Vec::with_capacity(bytes.len());
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits())?;
            upright(decoder, limits())?.write_with_encoder(PngEncoder::new(&mut out))?;
            Ok(out.into())
        }
        PictureFormat::Gif => gif_frames::cleaned(bytes, moving),
        PictureFormat::Webp => webp_chunks::cleaned(bytes, moving, limits()),
    }
}

/// Decoders keep tables besides the pixels of even the smallest picture.
const MIN_ALLOCATION: u64 = 1024 * 1024;

/// Decodes a picture, and turns it as its metadata say.
fn upright(mut decoder: impl ImageDecoder, limits: Limits) -> Result<DynamicImage, PictureError> {
    decoder.set_limits(limits)?;
    let turned = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    Ok(picture)
}
