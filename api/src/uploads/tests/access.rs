//! Who may see a file, by whatever they show.

use axum::body::Body;
use axum::http::Method;
use domain::Refusal;
use uuid::Uuid;

use super::world::*;
use crate::commands::CommandError;
use crate::commands::rooms::{DeleteMessage, RemoveMember};
use crate::uploads::file_url;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_its_uploaders_then_the_present_members() {
    let world = World::new().await;
    let [ann, ben, eve] = [
        world.person("ann").await,
        world.person("ben").await,
        world.person("eve").await,
    ];
    let room = world.room(&[&ann, &ben]).await;
    let upload = world.brings(&ann, "a.txt", b"for ben").await;
    let path = file_url(upload);
    world.fetch(&ann, &path).await.expect(200);
    for other in [&ben, &eve] {
        world
            .fetch(other, &path)
            .await
            .refused(404, "unknown_upload");
    }
    world.sends(&ann, upload, room).await.unwrap();
    for member in [&ann, &ben] {
        assert_eq!(world.fetch(member, &path).await.body, "for ben");
    }
    world
        .fetch(&eve, &path)
        .await
        .refused(404, "unknown_upload");
    let (by, person) = (ann.id, ann.id);
    let leave = RemoveMember { room, by, person };
    world.execute(&leave).await.unwrap();
    world
        .fetch(&ann, &path)
        .await
        .refused(404, "unknown_upload");
    world.fetch(&ben, &path).await.expect(200);
    let nobody = world.ask(Method::GET, &path, &[], Body::empty()).await;
    nobody.refused(401, "unauthenticated");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_deleted_message_is_gone_for_those_who_saw_it() {
    let world = World::new().await;
    let [ann, ben, eve] = [
        world.person("ann").await,
        world.person("ben").await,
        world.person("eve").await,
    ];
    let room = world.room(&[&ann, &ben]).await;
    let upload = world.brings(&ann, "a.txt", b"x").await;
    let message = world.sends(&ann, upload, room).await.unwrap();
    let by = ann.id;
    let delete = DeleteMessage { room, message, by };
    world.execute(&delete).await.unwrap();
    let path = file_url(upload);
    for member in [&ann, &ben] {
        world.fetch(member, &path).await.refused(410, "file_erased");
    }
    world
        .fetch(&eve, &path)
        .await
        .refused(404, "unknown_upload");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_looks_like_what_may_not_be_seen() {
    let world = World::new().await;
    let [ann, eve] = [world.person("ann").await, world.person("eve").await];
    let hidden = file_url(world.brings(&ann, "a.txt", b"x").await);
    let guessed = format!("/files/{}", Uuid::from_u128(1));
    let mut answers = Vec::new();
    for path in [
        &*hidden,
        &guessed,
        "/files/1",
        "/files/x",
        "/files/..%2f..%2fevents.db",
    ] {
        let answer = world.fetch(&eve, path).await;
        assert_eq!(answer.status, 404, "{path}");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_file_cannot_be_sent() {
    let world = World::new().await;
    let [ann, eve] = [world.person("ann").await, world.person("eve").await];
    let room = world.room(&[&ann, &eve]).await;
    let upload = world.brings(&ann, "a.txt", b"x").await;
    let stolen = world.sends(&eve, upload, room).await;
    assert!(matches!(
        stolen,
        Err(CommandError::Refused(Refusal::UnknownUpload))
    ));
    world.sends(&ann, upload, room).await.unwrap();
    let twice = world.sends(&ann, upload, room).await;
    assert!(matches!(
        twice,
        Err(CommandError::Refused(Refusal::UploadTaken))
    ));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_stands_for_its_caller_in_an_address() {
    let world = World::new().await;
    let [ann, eve] = [world.person("ann").await, world.person("eve").await];
    let path = file_url(world.brings(&ann, "a.txt", b"x").await);
    let ticket = async |by: &Person| {
        let bearer = format!("Bearer {}", by.token);
        let headers = [("authorization", &*bearer)];
        let answer = world
            .ask(Method::POST, "/auth/file-ticket", &headers, "")
            .await;
        let body = answer.expect(201);
        assert_eq!(body["expires_in"], 600);
        body["ticket"].as_str().unwrap().to_owned()
    };
    let fetch = async |ticket: &str| {
        let path = format!("{path}?ticket={ticket}");
        world.ask(Method::GET, &path, &[], Body::empty()).await
    };
    let (hers, others) = (ticket(&ann).await, ticket(&eve).await);
    for _ in 0..3 {
        assert_eq!(fetch(&hers).await.body, "x");
    }
    fetch(&others).await.refused(404, "unknown_upload");
    fetch("made-up").await.refused(401, "unauthenticated");
    let path_of_others = "/api/v1/users/me?ticket=";
    let elsewhere = world
        .ask(Method::GET, &format!("{path_of_others}{hers}"), &[], "")
        .await;
    assert_ne!(elsewhere.status, 200, "it is for files alone");
    world.clock.advance_seconds(600);
    fetch(&hers).await.refused(401, "unauthenticated");
    let late = ticket(&ann).await;
    let bearer = format!("Bearer {}", ann.token);
    let out = world
        .ask(Method::POST, "/logout", &[("authorization", &*bearer)], "")
        .await;
    out.expect(204);
    fetch(&late).await.refused(401, "unauthenticated");
    let none = world.ask(Method::POST, "/auth/file-ticket", &[], "").await;
    none.refused(401, "unauthenticated");
    world.stop().await;
}
