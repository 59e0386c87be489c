//! GIF: each frame is unpacked and packed again with its palette, so that no colour changes.

use bytes::Bytes;
use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, Encoder, MemoryLimit};

use super::{Budget, PictureError};

/// Bytes of one frame, a byte for each of its pixels; they are counted before that.
const FRAME_MEMORY: u64 = 1 << 30;

/// Bytes that a pixel takes: unpacked, and packed again.
const BYTES_PER_PIXEL: u64 = 3;

/// Width, height, and how many bytes each of its pixels takes.
pub(super) fn extent(bytes: &[u8]) -> Result<(u32, u32, u64), PictureError> {
    let decoder = decoder(bytes)?;
    let (width, height) = (decoder.width().into(), decoder.height().into());
    Ok((width, height, BYTES_PER_PIXEL))
}

/// The frames, their times and places, and nothing else.
pub(super) fn cleaned(bytes: &[u8], mut budget: Budget) -> Result<Bytes, PictureError> {
    let mut decoder = decoder(bytes)?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let out = Vec::with_capacity(bytes.len());
    let mut encoder = Encoder::new(out, decoder.width(), decoder.height(), &palette)
        .map_err(|_| PictureError::Broken)?;
    let mut frames = 0;
    while let Some(info) = decoder.next_frame_info().map_err(broken)? {
        budget.spend(info.width.into(), info.height.into())?;
        let mut frame = info.clone();
        frame.buffer = vec![0; decoder.buffer_size()].into();
        decoder
            .read_into_buffer(frame.buffer.to_mut())
            .map_err(broken)?;
        // Its lines came in order.
        frame.interlaced = false;
        if frames == 0 {
            encoder
                .set_repeat(decoder.repeat())
                .map_err(|_| PictureError::Broken)?;
        }
        encoder
            .write_frame(&frame)
            .map_err(|_| PictureError::Broken)?;
        frames += 1;
    }
    if frames == 0 {
        return Err(PictureError::Broken);
    }
    let out = encoder.into_inner().map_err(|_| PictureError::Broken)?;
    Ok(out.into())
}

fn decoder(bytes: &[u8]) -> Result<Decoder<&[u8]>, PictureError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.check_frame_consistency(true);
    if let Some(limit) = std::num::NonZeroU64::new(FRAME_MEMORY) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    options.read_info(bytes).map_err(broken)
}

fn broken(_: DecodingError) -> PictureError {
    PictureError::Broken
}
