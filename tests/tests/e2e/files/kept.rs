//! What is kept: sealed, whole or not at all, whatever becomes of the server meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tests::talks::{diff, verify};
use tests::{FORM_TYPE, Form, Place, Process, User, eventually, seed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{contains, noise, pictures, shares, three};

#[tokio::test(flavor = "multi_thread")]
async fn no_name_and_no_byte_of_a_file_is_found_in_what_is_kept() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let words = "표지파일내용 ".repeat(20_000);
    let form = Form::of("표지파일이름.txt", words.as_bytes()).field("message_content", "표지사연");
    let row = jiwoo.sends(form, room).await.expect(201);
    let small = shares(&jiwoo, "표지작은이름.txt", "표지작은내용".as_bytes(), room).await;
    let picture = pictures::png();
    let shown = shares(&seojun, "표지그림.png", &picture, room).await;
    let drawn = seojun.fetches(&shown).await.bytes;
    let ticket = jiwoo.post("/auth/file-ticket", json!({})).await.expect(201);
    let ticket = ticket["ticket"].as_str().unwrap();
    let path = format!("{}?ticket={ticket}", row["file_url"].as_str().unwrap());
    assert!(jiwoo.fetches_at(&path, &[]).await.bytes == words.as_bytes());
    // Refused, and broken off: nothing of these either.
    let bad = Form::of("표지거절.png", "표지거절내용".as_bytes()).field("message_type", "image");
    assert_eq!(jiwoo.sends(bad, room).await.status, 415);
    let mut half = begins(&jiwoo, room, "표지반쪽.txt", 2_000_000).await;
    half.write_all("표지반쪽내용".repeat(60_000).as_bytes())
        .await
        .unwrap();
    drop(half);
    let marks: Vec<&[u8]> = [
        "표지파일이름",
        "표지파일내용",
        "표지사연",
        "표지작은이름",
        "표지작은내용",
        "표지그림",
        "표지거절",
        "표지거절내용",
        "표지반쪽",
        "표지반쪽내용",
        ticket,
    ]
    .map(str::as_bytes)
    .into();
    // A stretch of the picture as it is served, behind what all such pictures begin with.
    let pixels = &drawn[drawn.len() / 2 - 8..drawn.len() / 2 + 8];
    let clean = async || {
        for (name, bytes) in place.contents().await {
            for mark in marks.iter().copied().chain([pixels]) {
                let said = String::from_utf8_lossy(mark);
                assert!(!contains(&bytes, mark), "{said:?} stands in {name}");
            }
        }
    };
    clean().await;
    assert_eq!(
        seojun.fetches(&small).await.bytes,
        "표지작은내용".as_bytes()
    );
    assert_eq!(server.terminate().await, Some(0));
    clean().await;
}

/// A form that is being sent by hand: its head, and the head of its file.
async fn begins(user: &User, room: u64, name: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(user.client.address).await.unwrap();
    let part = format!(
        "--the-edge-of-a-part\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"{name}\"\r\n\r\n"
    );
    let head = format!(
        "POST /chat/rooms/{room}/messages/ HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {}\r\nContent-Type: {FORM_TYPE}\r\nContent-Length: {length}\r\n\r\n",
        user.token
    );
    stream.write_all((head + &part).as_bytes()).await.unwrap();
    stream
}

/// The names of what is in the folder of files: whole objects, and parts of some.
fn in_files(place: &Place) -> (Vec<String>, Vec<String>) {
    let mut names = Vec::new();
    below(&place.data().join("files"), &mut names);
    names
        .into_iter()
        .partition(|name| uuid::Uuid::try_parse(name).is_ok())
}

fn below(folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, names);
        } else {
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_files_come_has_each_of_them_whole_or_not_at_all() {
    let place = Place::new().await;
    let settings = "limits.uploads_per_hour = 0\nlimits.messages_per_minute = 0\n\
                    limits.requests_per_minute = 0";
    let mut server = Process::start(&place, settings).await;
    let (mut jiwoo, mut seojun, _, room) = three(&server.client).await;
    let acknowledged: Arc<Mutex<Vec<Value>>> = Arc::default();
    let mut random = StdRng::seed_from_u64(seed());
    for _ in 0..3 {
        // One is half there: its beginning has reached the disk.
        let left = in_files(&place).1.len();
        let mut half = begins(&jiwoo, room, "half.bin", 5_000_000).await;
        half.write_all(&noise(1_500_000)).await.unwrap();
        eventually("the beginning of a file on the disk", || async {
            (in_files(&place).1.len() > left).then_some(())
        })
        .await;
        // Others come one after the other until the server is gone.
        let before = acknowledged.lock().len();
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let (jiwoo, acknowledged) = (jiwoo.clone(), Arc::clone(&acknowledged));
                tokio::spawn(async move { until_it_is_gone(&jiwoo, room, &acknowledged).await })
            })
            .collect();
        eventually("some are sent", || async {
            (acknowledged.lock().len() > before + 2).then_some(())
        })
        .await;
        let life = Duration::from_millis(random.random_range(0..300));
        tokio::time::sleep_until(tokio::time::Instant::now() + life).await;
        server.kill().await;
        for sender in senders {
            sender.await.unwrap();
        }
        drop(half);
        verify(&place);
        server = Process::start(&place, settings).await;
        jiwoo.client = server.client.clone();
        seojun.client = server.client.clone();
        let rows = all(&seojun, room).await;
        for row in &*acknowledged.lock() {
            assert!(rows.contains(row), "it was acknowledged: {row}");
        }
        for row in &rows {
            let file = seojun.fetches(row).await;
            assert_eq!(file.status, 200, "{row}");
            assert!(file.bytes == noise(700_000), "{row}");
        }
        assert!(rows.iter().all(|row| row["file_name"] == "whole.bin"));
        let whole = in_files(&place).0;
        assert!(whole.len() >= rows.len());
    }
    shares(&jiwoo, "whole.bin", b"and on it goes", room).await;
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}

async fn until_it_is_gone(user: &User, room: u64, acknowledged: &Mutex<Vec<Value>>) {
    loop {
        let body = Form::of("whole.bin", &noise(700_000)).end();
        let request = user
            .client
            .request("POST", &format!("/chat/rooms/{room}/messages/"))
            .header("content-type", FORM_TYPE)
            .bearer_auth(&user.token)
            .body(body);
        match user.client.try_send(request).await {
            Ok(answer) => acknowledged.lock().push(answer.expect(201)),
            Err(_) => return,
        }
    }
}

/// Every message of a room.
async fn all(user: &User, room: u64) -> Vec<Value> {
    let mut rows = Vec::new();
    for page in 1.. {
        let path = format!("/chat/rooms/{room}/messages/?page={page}&size=100");
        let answer = user.get(&path).await.expect(200);
        rows.extend(answer["messages"].as_array().unwrap().clone());
        if answer["has_more"] == false {
            break;
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_in_the_middle_leaves_nothing_to_be_seen() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let (jiwoo, seojun, _, room) = three(&server.client).await;
    let mut half = begins(&jiwoo, room, "half.bin", 5_000_000).await;
    half.write_all(&noise(1_500_000)).await.unwrap();
    eventually("the beginning of a file on the disk", || async {
        (!in_files(&place).1.is_empty()).then_some(())
    })
    .await;
    assert_eq!(seojun.reads(room).await, Vec::<Value>::new());
    drop(half);
    eventually("the beginning is cleared away", || async {
        in_files(&place).1.is_empty().then_some(())
    })
    .await;
    assert_eq!(in_files(&place).0, Vec::<String>::new());
    // One that ends its side of the connection in order is told what is wrong.
    let mut half = begins(&jiwoo, room, "half.bin", 5_000_000).await;
    half.write_all(b"a few bytes").await.unwrap();
    half.shutdown().await.unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    assert_eq!(seojun.reads(room).await, Vec::<Value>::new());
    assert_eq!(server.terminate().await, Some(0));
}
