//! No file becomes a page: whatever it is and however it is asked for, a browser is told to run
//! nothing of it. There is no browser among the tests: what one goes by is held here.

use serde_json::json;
use tests::{Fetched, TestApp, User, fetch};

use super::pictures::{gif, jpeg, png};
use super::{shares, three};

const SCRIPT: &[u8] = b"<script>alert(document.domain)</script>";

/// Types that a browser shows in place and runs nothing of.
const SHOWN: [&str; 6] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "audio/mpeg",
    "audio/x-wav",
    "audio/ogg",
];

/// What a browser would like to make of a file, and its bytes.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let with = |head: &[u8]| [head, SCRIPT].concat();
    let jpeg_script = [&jpeg()[..], SCRIPT].concat();
    let gif_script = [
        &gif(u16::from_le_bytes(*b"/*"), 1, 1)[..],
        b"*/=1;alert(1)//",
    ]
    .concat();
    vec![
        ("a.html", with(b"<!DOCTYPE html><html>")),
        ("no head.html", with(b"")),
        (
            "a.xhtml",
            with(b"<html xmlns=\"http://www.w3.org/1999/xhtml\">"),
        ),
        ("a.svg", with(b"<svg xmlns=\"http://www.w3.org/2000/svg\">")),
        (
            "a.xml",
            with(b"<?xml version=\"1.0\"?><?xml-stylesheet href=\"a\"?>"),
        ),
        (
            "a.xsl",
            with(b"<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"),
        ),
        (
            "utf-16.html",
            "\u{feff}<script>alert(1)</script>"
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect(),
        ),
        (
            "utf-7.txt",
            b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-".to_vec(),
        ),
        ("a.js", b"alert(1)".to_vec()),
        ("a.mjs", b"export default alert(1)".to_vec()),
        (
            "a.css",
            b"* { background: url(javascript:alert(1)) }".to_vec(),
        ),
        ("a.json", b"{\"a\": \"</script>\"}".to_vec()),
        ("a.wasm", b"\0asm\x01\0\0\0".to_vec()),
        ("a.swf", with(b"FWS\x06")),
        (
            "a.pdf",
            with(b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>>>>"),
        ),
        (
            "a.eml",
            with(b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"),
        ),
        ("a.zip", with(b"PK\x03\x04\x14\0\0\0\x08\0")),
        ("a.ico", with(b"\0\0\x01\0\x01\0")),
        ("a.bmp", with(b"BM\x3a\0\0\0\0\0")),
        ("a.mp4", with(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")),
        ("a.mp3", with(b"ID3\x03\0\0\0\0\0\0")),
        ("a.wav", with(b"RIFF\x24\0\0\0WAVEfmt ")),
        ("a.png", png()),
        ("png.html", [&png()[..], SCRIPT].concat()),
        ("jpeg.html", jpeg_script),
        ("gif.js", gif_script),
    ]
}

/// What is wrong with how a file is served.
fn faults(file: &Fetched) -> Vec<String> {
    let header = |name: &str| {
        let value = file.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let media_type = header("content-type");
    let mut faults = Vec::new();
    let mut hold = |what: &str, holds: bool| {
        if !holds {
            faults.push(format!("{what}: {:?}", file.headers));
        }
    };
    hold(
        "it is not sniffed",
        header("x-content-type-options") == "nosniff",
    );
    hold(
        "it is no page",
        header("content-security-policy") == "default-src 'none'; sandbox",
    );
    hold(
        "it is kept by nobody",
        header("cache-control") == "private, no-store",
    );
    if SHOWN.contains(&&*media_type) {
        hold(
            "it is itself",
            header("content-disposition").starts_with("inline;"),
        );
    } else {
        hold("it is just bytes", media_type == "application/octet-stream");
        hold(
            "it is saved",
            header("content-disposition").starts_with("attachment;"),
        );
    }
    faults
}

/// As a link is opened: without a token, by a ticket in the address.
async fn opens(user: &User, path: &str, ticket: &str) -> Fetched {
    let request = user
        .client
        .request("GET", &format!("{path}?ticket={ticket}"));
    let like_a_page = "text/html,application/xhtml+xml,*/*";
    fetch(request.header("accept", like_a_page)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_file_is_a_browser_is_told_to_run_nothing_of_it() {
    let server = TestApp::with("limits.uploads_per_hour = 0\nlimits.messages_per_minute = 0").await;
    let (jiwoo, seojun, stranger, room) = three(&server.client).await;
    let ticket = seojun
        .post("/auth/file-ticket", json!({}))
        .await
        .expect(201);
    let ticket = ticket["ticket"].as_str().unwrap();
    let mut wrong = Vec::new();
    for (name, bytes) in files() {
        let row = shares(&jiwoo, name, &bytes, room).await;
        let path = row["file_url"].as_str().unwrap();
        let whole = seojun.fetches(&row).await;
        let part = seojun.fetches_with(&row, &[("range", "bytes=1-3")]).await;
        let opened = opens(&seojun, path, ticket).await;
        for (status, file) in [(200, &whole), (206, &part), (200, &opened)] {
            assert_eq!(file.status, status, "{name}");
            wrong.extend(
                faults(file)
                    .into_iter()
                    .map(|fault| format!("{name}: {fault}")),
            );
        }
        // What is said instead of a file is no page either.
        let refused = stranger.fetches(&row).await;
        assert_eq!(refused.status, 404, "{name}");
        assert_eq!(refused.header("content-type"), "application/json");
        assert_eq!(refused.header("x-content-type-options"), "nosniff");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
