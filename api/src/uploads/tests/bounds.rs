//! How much, how often, what, and under which names.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::world::*;
use crate::uploads::file_url;

const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = DynamicImage::from(RgbImage::new(width, height));
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_be_as_large_as_it_may_and_not_a_byte_more() {
    let world = World::with("upload.max_bytes = \"100KiB\"").await;
    let ann = world.person("ann").await;
    let limit = 100 * 1024;
    world.brings(&ann, "a.bin", &noise(limit)).await;
    world.brings(&ann, "a.bin", b"x").await;
    let larger = Form::new().file("a.bin", &noise(limit + 1));
    world
        .bring(&ann, larger)
        .await
        .refused(413, "file_too_large");
    let much_larger = Form::new().file("a.bin", &noise(20 * limit));
    world
        .bring(&ann, much_larger)
        .await
        .refused(413, "file_too_large");
    let length = (3 * 1024 * 1024).to_string();
    let announced = [("content-length", &*length)];
    let form = Form::new().file("a.bin", b"x");
    world
        .bring_with(&ann, &announced, form)
        .await
        .refused(413, "file_too_large");
    let empty = Form::new().file("a.bin", b"");
    world.bring(&ann, empty).await.refused(422, "empty_file");
    assert_eq!(world.files().len(), 2, "what was refused left nothing");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_has_one_file_and_bounded_fields() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let file = || Form::new().file("a.bin", b"x");
    world
        .bring(&ann, Form::new().field("content", "x"))
        .await
        .refused(422, "invalid");
    world
        .bring(&ann, file().file("b.bin", b"y"))
        .await
        .refused(422, "invalid");
    world
        .bring(&ann, file().field("a", "1").field("a", "2"))
        .await
        .refused(422, "invalid");
    let long = "가".repeat(30_000);
    world
        .bring(&ann, file().field("content", &long))
        .await
        .refused(422, "invalid");
    world
        .bring(&ann, file().field("content", "a\0b"))
        .await
        .refused(422, "invalid");
    let parts = |count| (0..count).fold(Form::new(), |form, n| form.field(&format!("f{n}"), "x"));
    world
        .bring(&ann, parts(31).file("a.bin", b"x"))
        .await
        .expect(201);
    world
        .bring(&ann, parts(10_000))
        .await
        .refused(400, "too_many_parts");
    world
        .bring(&ann, Form::new().field("", "x"))
        .await
        .refused(400, "malformed_form");
    let kind = "multipart/form-data";
    let bare = world
        .bring_body(&ann, kind, &[], Body::from(file().end()))
        .await;
    bare.refused(400, "malformed_form");
    let other = "multipart/form-data; boundary=another";
    let wrong = world
        .bring_body(&ann, other, &[], Body::from(file().end()))
        .await;
    wrong.refused(400, "malformed_body");
    let json = world
        .bring_body(&ann, "application/json", &[], Body::from("{}"))
        .await;
    json.refused(415, "not_a_form");
    assert_eq!(world.files().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_leaves_nothing() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let whole = Form::new().file("a.bin", &noise(2_000_000)).end();
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    for length in [0, 50, 5_000, 1_500_000, whole.len() - 3] {
        let cut = Body::from(whole[..length].to_vec());
        let refused = world.bring_body(&ann, &kind, &[], cut).await;
        assert_eq!(refused.status, 400, "{length}");
        let pieces: Vec<_> = whole[..length]
            .chunks(10_000)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .chain([Err(std::io::Error::other("the connection broke"))])
            .collect();
        let broken = Body::from_stream(stream::iter(pieces));
        let refused = world.bring_body(&ann, &kind, &[], broken).await;
        refused.refused(400, "malformed_body");
    }
    assert!(world.objects().await.is_empty());
    // The store clears away in the background what it had begun.
    let begun = std::time::Instant::now();
    while !world.files().is_empty() {
        assert!(begun.elapsed().as_secs() < 20, "{:?}", world.files());
        tokio::task::yield_now().await;
    }
    world.brings(&ann, "a.bin", b"x").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_for_display_only() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let long = format!("{}.txt", "가".repeat(300));
    for (given, shown) in [
        ("../../etc/passwd", "passwd".to_owned()),
        ("a\u{202e}gpj.exe", "agpj.exe".to_owned()),
        ("", "file".to_owned()),
        (&long, format!("{}.txt", "가".repeat(251))),
    ] {
        let made = world
            .bring(&ann, Form::new().file(given, b"x"))
            .await
            .expect(201);
        assert_eq!(made["name"], shown, "{given:?}");
    }
    let nul = Form::new().file("a\0b", b"x");
    assert_eq!(world.bring(&ann, nul).await.status, 400);
    let names: Vec<_> = world.files();
    for name in names {
        let name = name.file_name().unwrap().to_str().unwrap();
        assert!(
            uuid::Uuid::try_parse(name).is_ok(),
            "it is kept under a name of ours: {name}"
        );
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_say_what_a_file_is_and_only_what_is_harmless_is_shown_in_place() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let picture = png(3, 2);
    for (name, bytes, kind, shown) in [
        ("a.exe", &*picture, "image", Some("image/png")),
        ("a.png", SVG, "file", None),
        ("a.svg", SVG, "file", None),
        (
            "a.png",
            b"<!DOCTYPE html><script>alert(1)</script>".as_slice(),
            "file",
            None,
        ),
        ("a.pdf", b"%PDF-1.7\n<script>".as_slice(), "file", None),
        (
            "a.txt",
            b"ID3\x03\0\0\0\0\0\0sound".as_slice(),
            "voice",
            Some("audio/mpeg"),
        ),
    ] {
        let made = world
            .bring(&ann, Form::new().file(name, bytes))
            .await
            .expect(201);
        assert_eq!(made["kind"], kind, "{name}");
        let path = file_url(made["id"].as_str().unwrap().parse().unwrap());
        let fetched = world.fetch(&ann, &path).await;
        let type_of = shown.unwrap_or("application/octet-stream");
        assert_eq!(fetched.header("content-type"), type_of, "{name}");
        let inline = fetched.header("content-disposition").starts_with("inline");
        assert_eq!(inline, shown.is_some(), "{name}");
        assert_eq!(
            fetched.header("content-security-policy"),
            "default-src 'none'; sandbox"
        );
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_that_it_is_a_picture_or_a_recording_must_be() {
    let world = World::with("upload.max_pixels = 10000").await;
    let ann = world.person("ann").await;
    let bring = async |kind: &str, bytes: &[u8]| {
        let before = Form::new().field("message_type", kind).file("a.png", bytes);
        let behind = Form::new().file("a.png", bytes).field("message_type", kind);
        let [before, behind] = [
            world.bring(&ann, before).await,
            world.bring(&ann, behind).await,
        ];
        assert_eq!(before.status, behind.status);
        behind
    };
    bring("image", SVG).await.refused(415, "not_a_picture");
    bring("IMAGE", b"no").await.refused(415, "not_a_picture");
    bring("voice", &png(1, 1))
        .await
        .refused(415, "not_a_recording");
    let webm = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\
                 \x08\x42\x82\x84webm\x42\x87\x81\x04";
    let voice = bring("voice", webm).await.expect(201);
    assert_eq!(
        (&voice["kind"], &voice["type"]),
        (&"voice".into(), &"audio/webm".into())
    );
    assert_eq!(bring("file", webm).await.expect(201)["kind"], "file");
    assert_eq!(
        bring("image", &png(100, 100)).await.expect(201)["kind"],
        "image"
    );
    bring("image", &png(100, 101))
        .await
        .refused(413, "picture_too_large");
    bring("file", &png(100, 101))
        .await
        .refused(413, "picture_too_large");
    bring("file", &png(9, 9)[..40])
        .await
        .refused(415, "picture_broken");
    bring("image", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
        .await
        .refused(415, "picture_unsupported");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_so_much_room_and_so_many_files_an_hour() {
    let world = World::with("upload.quota_bytes = \"100KiB\"\nlimits.uploads_per_hour = 5").await;
    let [ann, ben] = [world.person("ann").await, world.person("ben").await];
    let bring = async |by: &Person, size| {
        world
            .bring(by, Form::new().file("a.bin", &noise(size)))
            .await
    };
    bring(&ann, 60 * 1024).await.expect(201);
    bring(&ann, 40 * 1024 + 1)
        .await
        .refused(413, "quota_exceeded");
    bring(&ann, 40 * 1024).await.expect(201);
    bring(&ann, 1).await.refused(413, "quota_exceeded");
    bring(&ben, 1).await.expect(201);
    bring(&ann, 1).await.refused(413, "quota_exceeded");
    let refused = bring(&ann, 1).await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 1);
    refused.refused(429, "too_many_uploads");
    assert_eq!(world.files().len(), 3);
    world.stop().await;
}
