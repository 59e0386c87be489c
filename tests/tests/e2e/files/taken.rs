//! What is taken: by its bytes, within bounds, under a name that is for display only.

use serde_json::{Value, json};
use tests::{FORM_TYPE, Form, Place, Process, TestApp, User};

use super::pictures::{self, PLACE, flood, gif, jpeg, packed_bombs, photo, png};
use super::{contains, noise, shares, three};

const SCRIPT: &[u8] = b"<script>alert(document.domain)</script>";

const SVG: &[u8] =
    b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>";

/// Refused with this status, and this code in the headers' sense of stable.
#[track_caller]
fn refused(answer: &tests::Answer, status: u16, code: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert_eq!(answer.body["code"], code, "{what}");
}

/// The names of all files below the folder of files.
fn kept_names(server: &TestApp) -> Vec<String> {
    let folders = std::fs::read_dir(server.place.data().join("files")).unwrap();
    folders
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_shown_without_its_tricks_and_nothing_is_kept_under_it() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let long = format!("{}.hwp", "가".repeat(300));
    let cut = format!("{}.hwp", "가".repeat(251));
    let names = [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("/dev/null", "null"),
        ("C:\\temp\\사진.jpg", "사진.jpg"),
        ("..", "file"),
        ("", "file"),
        ("사진\u{202e}gpj.exe", "사진gpj.exe"),
        ("\u{2066}a\u{2069}\u{200b}.txt", "a.txt"),
        (long.as_str(), cut.as_str()),
        (
            "<img src=x onerror=alert(1)>.png",
            "<img src=x onerror=alert(1)>.png",
        ),
        ("a\r\nSet-Cookie: stolen=1.txt", "aSet-Cookie: stolen=1.txt"),
        ("\"; filename=\"evil.html", "\"; filename=\"evil.html"),
        ("%2e%2e%2fetc", "%2e%2e%2fetc"),
    ];
    for (given, shown) in names {
        let row = shares(&jiwoo, given, b"x", room).await;
        assert_eq!(row["file_name"], shown, "{given:?}");
        let file = seojun.fetches(&row).await;
        assert_eq!((file.status, &*file.bytes), (200, &b"x"[..]));
        assert!(file.headers.get("set-cookie").is_none(), "{given:?}");
        let told = file.header("content-disposition");
        assert!(told.starts_with("attachment; filename=\""), "{told}");
        assert_eq!(
            told.matches('"').count(),
            2,
            "one name, and no second: {told}"
        );
        assert_eq!(told.matches("filename*=UTF-8''").count(), 1, "{told}");
    }
    let kept = kept_names(&server);
    assert_eq!(kept.len(), names.len());
    for name in kept {
        assert!(uuid::Uuid::try_parse(&name).is_ok(), "{name}");
    }
    let nul = Form::new().part("name=\"file\"; filename=\"a\0b.txt\"", b"x");
    refused(&jiwoo.sends(nul, room).await, 400, "malformed_form", "NUL");
    // Forms have no second name in another encoding (RFC 7578, 4.2).
    let other = Form::new().part("name=\"file\"; filename*=UTF-8''a%00b.txt", b"x");
    let row = jiwoo.sends(other, room).await.expect(201);
    assert_eq!(row["file_name"], "file");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_two_things_at_once_is_served_as_one_that_does_no_harm() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let js = u16::from_le_bytes(*b"/*");
    let gif_js = [&gif(js, 1, 1)[..], b"*/=1;alert(1)//"].concat();
    let jpeg_zip = [&jpeg()[..], b"PK\x03\x04", SCRIPT].concat();
    let png_html = [&png()[..], SCRIPT].concat();
    let pictures = [
        ("a.gif", gif_js, "image/gif", &b"alert"[..]),
        ("a.jar", jpeg_zip, "image/jpeg", b"PK\x03\x04"),
        ("a.html", png_html, "image/png", b"<script"),
    ];
    for (name, bytes, media_type, foul) in pictures {
        assert!(contains(&bytes, foul));
        let row = shares(&jiwoo, name, &bytes, room).await;
        assert_eq!(row["message_type"], "image", "{name}");
        let file = seojun.fetches(&row).await;
        assert_eq!(file.header("content-type"), media_type);
        assert!(!contains(&file.bytes, foul), "{name}");
        assert_eq!(file.bytes.len() as u64, row["file_size"].as_u64().unwrap());
        pictures::seen_at_all(&file.bytes);
    }
    let pdf_html = [b"%PDF-1.7\n", SCRIPT].concat();
    let docx = [b"PK\x03\x04\x14\0\0\0\x08\0word/", SCRIPT].concat();
    let xml = [b"<?xml version=\"1.0\"?>", SVG].concat();
    let late = [&vec![b' '; 20_000], SVG].concat();
    let files: [(&str, &[u8]); 9] = [
        ("a.svg", SVG),
        ("a.png", SVG),
        ("a.svg", &xml),
        ("a.txt", &late),
        ("a.html", b"<!DOCTYPE html><body onload=alert(1)>"),
        ("a.js", b"alert(1)"),
        ("a.pdf", &pdf_html),
        ("a.docx", &docx),
        (
            "a.mht",
            b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>",
        ),
    ];
    for (name, bytes) in files {
        let row = shares(&jiwoo, name, bytes, room).await;
        assert_eq!(row["message_type"], "file", "{name}");
        let file = seojun.fetches(&row).await;
        assert_eq!(file.bytes, bytes, "a download is what was sent");
        assert_eq!(file.header("content-type"), "application/octet-stream");
        let told = file.header("content-disposition");
        assert!(told.starts_with("attachment;"), "{told}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        let policy = file.header("content-security-policy");
        assert_eq!(policy, "default-src 'none'; sandbox");
        let form = Form::of(name, bytes).field("message_type", "image");
        refused(&jiwoo.sends(form, room).await, 415, "not_a_picture", name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_says_nothing_of_where_it_was_taken_and_stands_upright() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let photo = photo();
    assert!(contains(&photo, PLACE));
    let row = shares(&jiwoo, "산책.jpg", &photo, room).await;
    let file = seojun.fetches(&row).await;
    assert!(!contains(&file.bytes, PLACE) && !contains(&file.bytes, b"Exif"));
    assert_eq!(pictures::seen(&file.bytes), (16, 32, true));
    for end in [3, 20, photo.len() / 2, photo.len() - 2] {
        let answer = jiwoo.sends(Form::of("a.jpg", &photo[..end]), room).await;
        if answer.status == 201 {
            // What came of it is a picture, and no more than that.
            let file = seojun.fetches(&answer.body).await;
            pictures::seen_at_all(&file.bytes);
            assert!(!contains(&file.bytes, PLACE));
        } else {
            assert_eq!(answer.status, 415, "{}", answer.body);
        }
    }
    let cut = &png()[..40];
    refused(
        &jiwoo.sends(Form::of("a.png", cut), room).await,
        415,
        "picture_broken",
        "a cut PNG",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_unpack_to_more_than_there_is_cost_nothing() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let (jiwoo, _, _, room) = three(&server.client).await;
    shares(&jiwoo, "a.png", &png(), room).await;
    let before = server.resident_kib();
    for (what, bytes) in [
        ("a flood", flood(30_000, 30_000)),
        ("a longer flood", flood(u32::MAX >> 1, 1)),
        ("a canvas", gif(u16::MAX, u16::MAX, 1)),
        ("ten thousand frames", gif(1, 1, 10_000)),
    ] {
        assert!(bytes.len() < 200_000, "{what}");
        let answer = jiwoo.sends(Form::of("a.png", &bytes), room).await;
        refused(&answer, 413, "picture_too_large", what);
    }
    for (what, bytes) in packed_bombs() {
        assert!(bytes.len() < 2_000_000, "{what}");
        let answer = jiwoo.sends(Form::of("a.png", &bytes), room).await;
        assert!(
            [201, 413, 415].contains(&answer.status),
            "{what}: {}",
            answer.body
        );
    }
    let grown = server.peak_kib().saturating_sub(before);
    assert!(
        grown < 64 * 1024,
        "{grown} KiB for pictures of a few hundred"
    );
    // The same as much of it as can be, at once.
    let bombs = (0..16).map(|_| jiwoo.sends(Form::of("a.png", &flood(30_000, 30_000)), room));
    for answer in futures_util::future::join_all(bombs).await {
        // One person brings eight at once.
        assert!([413, 429].contains(&answer.status), "{}", answer.body);
    }
    assert_eq!(server.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_at_least_a_byte_and_at_most_as_many_as_are_allowed() {
    let limit = 100 * 1024;
    let server = TestApp::with("upload.max_bytes = \"100KiB\"").await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let of = |size| Form::of("a.bin", &noise(size));
    let row = jiwoo.sends(of(limit), room).await.expect(201);
    assert_eq!(row["file_size"], limit);
    assert!(seojun.fetches(&row).await.bytes == noise(limit));
    refused(
        &jiwoo.sends(of(limit + 1), room).await,
        413,
        "file_too_large",
        "one more",
    );
    refused(
        &jiwoo.sends(of(40 * limit), room).await,
        413,
        "file_too_large",
        "many more",
    );
    refused(
        &jiwoo.sends(of(0), room).await,
        422,
        "empty_file",
        "nothing",
    );
    assert_eq!(jiwoo.reads(room).await.len(), 1);
    assert_eq!(
        kept_names(&server).len(),
        1,
        "what was refused left nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_none_is_refused_by_what_is_wrong_with_it() {
    let server = TestApp::start().await;
    let (jiwoo, _, stranger, room) = three(&server.client).await;
    let file = || Form::of("a.txt", b"x");
    let many =
        |count: usize| (0..count).fold(Form::new(), |form, n| form.field(&format!("f{n}"), "x"));
    let long = "가".repeat(30_000);
    for (what, form, status, code) in [
        ("two files", file().file("b.txt", b"y"), 422, "invalid"),
        ("no file and no text", Form::new(), 422, "invalid"),
        (
            "a field twice",
            file()
                .field("message_content", "1")
                .field("message_content", "2"),
            422,
            "invalid",
        ),
        (
            "a long field",
            file().field("message_content", &long),
            422,
            "invalid",
        ),
        ("10,000 parts", many(10_000), 400, "too_many_parts"),
        (
            "a part without a name",
            Form::new().field("", "x"),
            400,
            "malformed_form",
        ),
        (
            "NUL in a text",
            file().field("message_content", "a\0b"),
            422,
            "invalid",
        ),
    ] {
        refused(&jiwoo.sends(form, room).await, status, code, what);
    }
    let form = || file().end();
    for (what, kind, body, code) in [
        (
            "no boundary",
            "multipart/form-data",
            form(),
            "malformed_form",
        ),
        (
            "another boundary",
            "multipart/form-data; boundary=x",
            form(),
            "malformed_body",
        ),
        ("no end", FORM_TYPE, form()[..60].to_vec(), "malformed_body"),
        ("nothing at all", FORM_TYPE, Vec::new(), "malformed_body"),
    ] {
        refused(&jiwoo.sends_body(kind, body, room).await, 400, code, what);
    }
    refused(
        &stranger.sends(file(), room).await,
        404,
        "unknown_room",
        "a stranger's",
    );
    assert_eq!(jiwoo.reads(room).await, Vec::<Value>::new());
    assert_eq!(kept_names(&server), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_so_much_room_and_so_many_files_an_hour() {
    let settings = "upload.quota_bytes = \"100KiB\"\nlimits.uploads_per_hour = 4";
    let server = TestApp::with(settings).await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let send = async |by: &User, size| by.sends(Form::of("a.bin", &noise(size)), room).await;
    send(&jiwoo, 60 * 1024).await.expect(201);
    refused(
        &send(&jiwoo, 40 * 1024 + 1).await,
        413,
        "quota_exceeded",
        "a byte too many",
    );
    send(&jiwoo, 40 * 1024).await.expect(201);
    send(&seojun, 1).await.expect(201);
    refused(&send(&jiwoo, 1).await, 413, "quota_exceeded", "one more");
    let late = send(&jiwoo, 1).await;
    let after: u64 = late.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=3_600).contains(&after), "{after}");
    refused(&late, 429, "too_many_uploads", "the fifth within the hour");
    let text = json!({"message_content": "말은 됩니다"});
    jiwoo
        .post(&format!("/chat/rooms/{room}/messages/"), text)
        .await
        .expect(201);
}
