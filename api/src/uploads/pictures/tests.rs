//! What becomes of pictures, and of what only says that it is one.

use std::io::Cursor;

use gif::{Encoder, Frame, Repeat};
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

const PLENTY: u64 = 1_000_000;

/// Stands for what nobody but the sender should know.
const SECRET: &[u8] = b"37.5665N 126.9780E";

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
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

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn decoded(bytes: &[u8], format: ImageFormat) -> DynamicImage {
    image::load_from_memory_with_format(bytes, format).unwrap()
}

/// EXIF that says which way is up, and holds the secret.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend_from_slice(SECRET);
    exif
}

fn jpeg_with_exif(orientation: u8) -> Vec<u8> {
    let plain = encoded(two_colours(), ImageFormat::Jpeg);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend_from_slice(&exif(orientation));
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    let (start, rest) = plain.split_at(2);
    [start, b"\xff\xe1", &length, &segment, rest].concat()
}

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let padding: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
    [&name[..], &length, content, padding].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WEBP".to_vec(), chunks.concat()].concat();
    chunk(*b"RIFF", &body)
}

/// The `VP8L` chunk of a picture.
fn vp8l(picture: &RgbaImage) -> Vec<u8> {
    let mut out = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut out);
    DynamicImage::from(picture.clone())
        .write_with_encoder(encoder)
        .unwrap();
    out[12..].to_vec()
}

/// The `VP8X` chunk of a picture of 32 by 16 pixels.
fn vp8x(flags: u8) -> Vec<u8> {
    chunk(*b"VP8X", &[flags, 0, 0, 0, 31, 0, 0, 15, 0, 0])
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

fn png_chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let named = [name, content].concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// A PNG of so many pixels with these chunks.
fn png_of(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let head = [&width[..], &height, &[8, 2, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &head),
        chunks.concat(),
        png_chunk(b"IEND", &[]),
    ]
    .concat()
}

/// A PNG that says that it is so large, with next to nothing in it.
fn flood(width: u32, height: u32) -> Vec<u8> {
    png_of(width, height, &[png_chunk(b"IDAT", &[0; 64])])
}

/// The packed pixels of a black picture.
fn packed(width: u32, height: u32) -> Vec<u8> {
    let png = encoded(RgbImage::new(width, height), ImageFormat::Png);
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

fn moving(frames: usize) -> Vec<u8> {
    let palette = [255, 0, 0, 0, 0, 255];
    let mut encoder = Encoder::new(Vec::new(), 4, 4, &palette).unwrap();
    encoder.set_repeat(Repeat::Infinite).unwrap();
    let comment = gif::Extension::Comment.into();
    encoder.write_raw_extension(comment, &[SECRET]).unwrap();
    for number in 0..frames {
        let mut frame = Frame::from_indexed_pixels(4, 4, vec![u8::from(number % 2 == 1); 16], None);
        frame.delay = 7;
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

fn clean(format: PictureFormat, bytes: &[u8]) -> Result<Bytes, PictureError> {
    cleaned(format, bytes, PLENTY)
}

#[test]
fn a_photo_is_turned_upright_and_says_nothing_of_where_it_was_taken() {
    let photo = jpeg_with_exif(6);
    assert!(contains(&photo, SECRET));
    let clean = clean(PictureFormat::Jpeg, &photo).unwrap();
    assert!(!contains(&clean, SECRET) && !contains(&clean, b"Exif"));
    let picture = decoded(&clean, ImageFormat::Jpeg).into_rgb8();
    assert_eq!(picture.dimensions(), (16, 32), "on its side, and turned");
    assert!(picture.get_pixel(8, 4)[0] > 200, "red is above");
    assert!(picture.get_pixel(8, 28)[2] > 200, "blue is below");
}

#[test]
fn what_hangs_on_behind_a_picture_is_cut_off() {
    let script = b"<script>alert(1)</script>".as_slice();
    let moving = moving(2);
    for (format, picture) in [
        (
            PictureFormat::Jpeg,
            encoded(two_colours(), ImageFormat::Jpeg),
        ),
        (PictureFormat::Png, encoded(two_colours(), ImageFormat::Png)),
        (PictureFormat::Webp, riff(&[vp8l(&RgbaImage::new(32, 16))])),
        (PictureFormat::Gif, moving),
    ] {
        let polyglot = [&picture, script].concat();
        let clean = clean(format, &polyglot).unwrap();
        assert!(!contains(&clean, script), "{format:?}");
    }
    // A GIF whose head is the beginning of a comment in JavaScript.
    let mut script = moving_with_width(u16::from_le_bytes(*b"/*"));
    script.extend_from_slice(b"*/=1;alert(1)");
    let budget_of = |pixels| cleaned(PictureFormat::Gif, &script, pixels);
    assert_eq!(budget_of(1_000), Err(PictureError::TooLarge));
    assert!(!contains(&budget_of(PLENTY).unwrap(), b"alert"));
}

fn moving_with_width(width: u16) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), width, 4, &[0, 0, 0]).unwrap();
    let frame = Frame::from_indexed_pixels(4, 4, vec![0; 16], None);
    encoder.write_frame(&frame).unwrap();
    encoder.into_inner().unwrap()
}

#[test]
fn a_flood_of_pixels_is_refused_before_any_memory_is_taken() {
    for (width, height) in [(30_000, 30_000), (1_001, 1_000), (30_001, 1)] {
        let small = flood(width, height);
        assert!(small.len() < 200);
        let refused = memory(PictureFormat::Png, &small, PLENTY);
        assert_eq!(refused, Err(PictureError::TooLarge), "{width} x {height}");
        assert_eq!(
            clean(PictureFormat::Png, &small),
            Err(PictureError::TooLarge)
        );
    }
    let bytes = flood(1_000, 1_000);
    let needed = memory(PictureFormat::Png, &bytes, PLENTY).unwrap();
    assert_eq!(needed, bytes.len() as u64 + 6_000_000);
    assert_eq!(
        clean(PictureFormat::Png, &bytes),
        Err(PictureError::Broken),
        "there is nothing"
    );
}

#[test]
fn a_picture_of_deeper_colours_has_to_be_smaller() {
    let deep = DynamicImage::from(RgbaImage::new(90, 90)).into_rgba16();
    let png = encoded(deep, ImageFormat::Png);
    let needed = |max_pixels| memory(PictureFormat::Png, &png, max_pixels);
    assert_eq!(needed(90 * 90), Err(PictureError::TooLarge));
    let bytes = 90 * 90 * 8 * 2;
    assert_eq!(needed(bytes / 9), Ok(png.len() as u64 + bytes));
    let photo = encoded(RgbImage::new(90, 90), ImageFormat::Jpeg);
    assert!(memory(PictureFormat::Jpeg, &photo, 90 * 90).is_ok());
}

#[test]
fn no_more_than_a_little_is_unpacked_to_read_the_head_of_a_picture() {
    let pixel = png_chunk(b"IDAT", &packed(1, 1));
    let with_profile = |packed: &[u8]| {
        let profile = png_chunk(b"iCCP", &[b"name\0\0", packed].concat());
        png_of(1, 1, &[profile, pixel.clone()])
    };
    let profile = |png: &[u8]| png_head(png).unwrap().icc_profile().unwrap();
    let much = with_profile(&packed(800, 800));
    assert!(much.len() < 20_000, "{} bytes", much.len());
    assert_eq!(profile(&much), None, "1.9 MB are left packed");
    let little = with_profile(&packed(100, 100));
    assert_eq!(profile(&little).unwrap().len(), 100 * (1 + 3 * 100));
    for png in [much, little] {
        let clean = clean(PictureFormat::Png, &png).unwrap();
        assert!(!contains(&clean, b"iCCP"));
    }
}

#[test]
fn a_picture_that_breaks_off_is_none_or_what_came_of_it() {
    for (format, picture) in [
        (PictureFormat::Png, encoded(two_colours(), ImageFormat::Png)),
        (PictureFormat::Jpeg, jpeg_with_exif(1)),
        (PictureFormat::Webp, riff(&[vp8l(&RgbaImage::new(32, 16))])),
        (PictureFormat::Gif, moving(2)),
    ] {
        for end in 0..picture.len() {
            // Whatever comes of it is a picture.
            if let Ok(rest) = clean(format, &picture[..end]) {
                assert!(clean(format, &rest).is_ok(), "{format:?} cut at {end}");
            }
        }
        assert_eq!(
            clean(format, &picture[..20]),
            Err(PictureError::Broken),
            "{format:?}"
        );
    }
}

#[test]
fn noise_in_a_picture_never_breaks_the_decoders() {
    let mut noise = 1_u32;
    let mut random = || {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        noise as usize
    };
    for (format, picture) in [
        (PictureFormat::Png, encoded(two_colours(), ImageFormat::Png)),
        (PictureFormat::Jpeg, jpeg_with_exif(6)),
        (
            PictureFormat::Webp,
            animated(&[vp8l(&RgbaImage::new(32, 16))]),
        ),
        (PictureFormat::Gif, moving(2)),
    ] {
        for _ in 0..200 {
            let mut changed = picture.clone();
            for _ in 0..=random() % 4 {
                let place = random() % changed.len();
                changed[place] = random().to_le_bytes()[0];
            }
            if let Ok(rest) = clean(format, &changed) {
                assert!(clean(format, &rest).is_ok(), "{format:?}: {changed:?}");
            }
        }
    }
}

#[test]
fn a_moving_picture_keeps_its_frames_times_and_colours_and_nothing_else() {
    let original = moving(3);
    assert!(contains(&original, SECRET));
    let clean = clean(PictureFormat::Gif, &original).unwrap();
    assert!(!contains(&clean, SECRET));
    let mut decoder = gif::DecodeOptions::new().read_info(&clean[..]).unwrap();
    assert_eq!(decoder.repeat(), Repeat::Infinite);
    assert_eq!(
        decoder.global_palette().unwrap()[..6],
        [255, 0, 0, 0, 0, 255]
    );
    let mut seen = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        seen.push((frame.delay, frame.buffer[0]));
    }
    assert_eq!(seen, [(7, 0), (7, 1), (7, 0)]);
}

#[test]
fn lines_that_come_out_of_order_are_put_in_order() {
    let mut encoder = Encoder::new(Vec::new(), 1, 8, &[0; 24]).unwrap();
    let mut frame = Frame::from_indexed_pixels(1, 8, vec![0, 4, 2, 6, 1, 3, 5, 7], None);
    frame.interlaced = true;
    encoder.write_frame(&frame).unwrap();
    let clean = clean(PictureFormat::Gif, &encoder.into_inner().unwrap()).unwrap();
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::Indexed);
    let mut decoder = options.read_info(&clean[..]).unwrap();
    let frame = decoder.read_next_frame().unwrap().unwrap();
    assert_eq!(*frame.buffer, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(!frame.interlaced);
}

#[test]
fn ten_thousand_frames_are_too_many() {
    assert!(clean(PictureFormat::Gif, &moving(MAX_FRAMES)).is_ok());
    for frames in [MAX_FRAMES + 1, 10_000] {
        let refused = clean(PictureFormat::Gif, &moving(frames));
        assert_eq!(refused, Err(PictureError::TooLarge));
    }
    let sixteen_pixels_each = cleaned(PictureFormat::Gif, &moving(9), 16);
    assert_eq!(sixteen_pixels_each, Err(PictureError::TooLarge));
    assert!(cleaned(PictureFormat::Gif, &moving(8), 16).is_ok());
}

fn animated(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut chunks = vec![vp8x(0x02 | 0x08), chunk(*b"ANIM", &[0; 6])];
    for frame in frames {
        let head = [0, 0, 0, 0, 0, 0, 31, 0, 0, 15, 0, 0, 50, 0, 0, 0];
        let content = [&head[..], frame, &chunk(*b"XTRA", SECRET)].concat();
        chunks.push(chunk(*b"ANMF", &content));
    }
    chunks.push(chunk(*b"EXIF", &exif(1)));
    riff(&chunks)
}

#[test]
fn webp_keeps_what_is_picture_alone() {
    let picture = RgbaImage::from_pixel(32, 16, Rgba([1, 2, 3, 255]));
    let still = riff(&[
        vp8x(0x08),
        vp8l(&picture),
        chunk(*b"EXIF", &exif(1)),
        chunk(*b"XMP ", SECRET),
    ]);
    let clean_still = clean(PictureFormat::Webp, &still).unwrap();
    assert!(contains(&still, SECRET) && !contains(&clean_still, SECRET));
    assert_eq!(
        decoded(&clean_still, ImageFormat::WebP).into_rgba8(),
        picture
    );

    let frame = vp8l(&picture);
    let moving = animated(&[frame.clone(), frame]);
    let clean_moving = clean(PictureFormat::Webp, &moving).unwrap();
    assert!(contains(&moving, SECRET) && !contains(&clean_moving, SECRET));
    let frames = image::codecs::webp::WebPDecoder::new(Cursor::new(&*clean_moving)).unwrap();
    assert!(frames.has_animation());
    let frames = image::AnimationDecoder::into_frames(frames);
    assert_eq!(frames.collect_frames().unwrap().len(), 2);
    let refused = cleaned(PictureFormat::Webp, &moving, 32 * 16 / 8);
    assert_eq!(refused, Err(PictureError::TooLarge));
}

#[test]
fn webp_is_turned_upright() {
    let picture = DynamicImage::from(two_colours()).into_rgba8();
    let lying = riff(&[vp8x(0x08), vp8l(&picture), chunk(*b"EXIF", &exif(6))]);
    let clean = clean(PictureFormat::Webp, &lying).unwrap();
    assert!(!contains(&clean, SECRET));
    let upright = decoded(&clean, ImageFormat::WebP).into_rgb8();
    assert_eq!(upright.dimensions(), (16, 32));
    assert_eq!(upright.get_pixel(8, 4), &Rgb([255, 0, 0]));
}

#[test]
fn transparency_and_grey_survive() {
    let glass = RgbaImage::from_pixel(2, 2, Rgba([9, 8, 7, 100]));
    let png = clean(
        PictureFormat::Png,
        &encoded(glass.clone(), ImageFormat::Png),
    )
    .unwrap();
    assert_eq!(decoded(&png, ImageFormat::Png).into_rgba8(), glass);
    let grey = DynamicImage::from(two_colours()).into_luma8();
    let jpeg = clean(PictureFormat::Jpeg, &encoded(grey, ImageFormat::Jpeg)).unwrap();
    assert!(matches!(
        decoded(&jpeg, ImageFormat::Jpeg),
        DynamicImage::ImageLuma8(_)
    ));
    let deep = DynamicImage::from(two_colours()).into_rgb16();
    let png = clean(PictureFormat::Png, &encoded(deep.clone(), ImageFormat::Png)).unwrap();
    assert_eq!(decoded(&png, ImageFormat::Png).into_rgb16(), deep);
}
