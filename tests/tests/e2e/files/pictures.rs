//! Pictures as people send them, and as people send them who mean harm.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage};

/// Stands for where a photo was taken.
pub const PLACE: &[u8] = b"37.5665N 126.9780E";

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Red on the left, blue on the right.
fn two_colours() -> RgbImage {
    RgbImage::from_fn(32, 16, |x, _| {
        if x < 16 {
            Rgb([255, 0, 0])
        } else {
            Rgb([0, 0, 255])
        }
    })
}

pub fn png() -> Vec<u8> {
    encoded(two_colours(), ImageFormat::Png)
}

/// A PNG of one colour, as small as a file of so many pixels can be.
pub fn plain_png(width: u32, height: u32) -> Vec<u8> {
    encoded(GrayImage::new(width, height), ImageFormat::Png)
}

pub fn jpeg() -> Vec<u8> {
    encoded(two_colours(), ImageFormat::Jpeg)
}

/// A photo that lies on its side, and knows where it was taken.
pub fn photo() -> Vec<u8> {
    let mut exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(PLACE);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let plain = jpeg();
    let (start, rest) = plain.split_at(2);
    [start, b"\xff\xe1", &length, &exif, rest].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [&name[..], content].concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// A PNG of grey pixels with these chunks between its head and its end.
pub fn png_of(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let head = [&width[..], &height, &[8, 0, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &head),
        chunks.concat(),
        chunk(*b"IEND", &[]),
    ]
    .concat()
}

/// A PNG that says that it is so large, with next to nothing in it.
pub fn flood(width: u32, height: u32) -> Vec<u8> {
    png_of(width, height, &[chunk(*b"IDAT", &[0; 64])])
}

/// The packed pixels of a plain picture: a thousandth of what they unpack to.
fn packed(width: u32, height: u32) -> Vec<u8> {
    let png = plain_png(width, height);
    let mut packed = Vec::new();
    let mut rest = &png[8..];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (content, after) = after.split_at(u32::from_be_bytes(*length) as usize + 4);
        if let Some(pixels) = content.strip_prefix(b"IDAT") {
            packed.extend_from_slice(pixels);
        }
        rest = &after[4..];
    }
    packed
}

/// Small pictures with much more packed into them than they show: as pixels, as a colour profile,
/// as a text.
pub fn packed_bombs() -> Vec<(&'static str, Vec<u8>)> {
    let much = packed(20_000, 10_000);
    let pixel = chunk(*b"IDAT", &packed(1, 1));
    vec![
        ("pixels", png_of(1, 1, &[chunk(*b"IDAT", &much)])),
        (
            "a profile",
            png_of(
                1,
                1,
                &[chunk(*b"iCCP", &[b"a\0\0", &*much].concat()), pixel.clone()],
            ),
        ),
        (
            "a text",
            png_of(
                1,
                1,
                &[chunk(*b"zTXt", &[b"a\0\0", &*much].concat()), pixel],
            ),
        ),
    ]
}

/// A GIF of frames of one pixel.
pub fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    const FRAME: &[u8] = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    let (width, height) = (width.to_le_bytes(), height.to_le_bytes());
    [
        b"GIF89a",
        &width[..],
        &height,
        b"\x80\0\0\xff\0\0\0\0\xff",
        &FRAME.repeat(frames),
        b"\x3b",
    ]
    .concat()
}

/// Width and height of a picture, and whether it is red at its top left and blue at its bottom
/// right.
pub fn seen(bytes: &[u8]) -> (u32, u32, bool) {
    let picture = image::load_from_memory(bytes).unwrap().into_rgb8();
    let (width, height) = picture.dimensions();
    let (first, last) = (
        picture.get_pixel(2, 2),
        picture.get_pixel(width - 3, height - 3),
    );
    (width, height, first[0] > 200 && last[2] > 200)
}

/// Fails unless it is a picture, as far as this knows its format.
pub fn seen_at_all(bytes: &[u8]) {
    if !bytes.starts_with(b"GIF89a") {
        image::load_from_memory(bytes).unwrap();
    }
}
