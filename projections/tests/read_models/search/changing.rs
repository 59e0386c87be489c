//! Messages that are edited, deleted, destroyed.

use jiff::civil::date;

use super::talk::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    an_edited_message_is_found_by_what_it_says_now,
    a_deleted_message_is_not_found_and_not_indexed,
    a_destroyed_day_leaves_the_index_and_other_days_stay,
    what_is_said_and_taken_back_at_once_leaves_nothing,
}

async fn an_edited_message_is_found_by_what_it_says_now(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    let said = talk.says(room, "점심 먹자").await;
    talk.says(room, "저녁 먹자").await;
    assert_eq!(talk.texts(room, "점심").await, ["점심 먹자"]);
    talk.edits(said, "아침 먹자").await;
    assert_eq!(talk.texts(room, "점심").await, [""; 0]);
    assert_eq!(talk.texts(room, "아침").await, ["아침 먹자"]);
    assert_eq!(talk.texts(room, "먹자").await, ["아침 먹자", "저녁 먹자"]);
    talk.edits(said, "").await;
    assert_eq!(talk.texts(room, "먹자").await, ["저녁 먹자"]);
    assert_eq!(talk.indexed().await, 1);
    talk.edits(said, "다시 먹자").await;
    assert_eq!(talk.texts(room, "먹자").await, ["다시 먹자", "저녁 먹자"]);
    assert_eq!(talk.indexed().await, 2);
}

async fn a_deleted_message_is_not_found_and_not_indexed(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    let said = talk.says(room, "지울 말").await;
    talk.says(room, "남을 말").await;
    assert_eq!(talk.texts(room, "말").await, ["지울 말", "남을 말"]);
    talk.deletes(said).await;
    assert_eq!(talk.texts(room, "말").await, ["남을 말"]);
    assert_eq!(talk.texts(room, "지울").await, [""; 0]);
    assert_eq!(talk.indexed().await, 1);
}

async fn a_destroyed_day_leaves_the_index_and_other_days_stay(engine: Engine) {
    let talk = Talk::new(engine).await;
    let (room, other) = (talk.room(1).await, talk.room(2).await);
    let (first, second) = (date(2026, 1, 1), date(2026, 1, 2));
    let old = talk.says_on(first, person(1), room, "첫날의 말").await;
    talk.says_on(first, person(2), room, "첫날의 다른 말").await;
    talk.says_on(first, person(1), other, "다른 방의 말").await;
    talk.says_on(second, person(1), room, "이튿날의 말").await;
    talk.edits(old, "고친 첫날의 말").await;
    assert_eq!(talk.finds(room, "말").await.len(), 3);
    talk.destroys_day(room, first).await;
    assert_eq!(talk.texts(room, "말").await, ["이튿날의 말"]);
    assert_eq!(talk.texts(other, "말").await, ["다른 방의 말"]);
    assert_eq!(talk.indexed().await, 2);
}

async fn what_is_said_and_taken_back_at_once_leaves_nothing(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    let log = talk.stop().await;
    let talk = Talk::over(log).await;
    let day = date(2026, 1, 1);
    for number in 0..20 {
        let said = talk
            .says_on(day, person(1), room, &format!("말 {number}"))
            .await;
        talk.edits(said, &format!("고친 말 {number}")).await;
        if number % 2 == 0 {
            talk.deletes(said).await;
        }
    }
    assert_eq!(talk.finds(room, "고친 말").await.len(), 10);
    assert_eq!(talk.indexed().await, 10);
    let said = talk.says_on(day, person(1), room, "마지막 말").await;
    talk.edits(said, "정말 마지막 말").await;
    talk.destroys_day(room, day).await;
    assert_eq!(talk.texts(room, "말").await, [""; 0]);
    assert_eq!(talk.indexed().await, 0);
}
