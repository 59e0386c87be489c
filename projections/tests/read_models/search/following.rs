//! The index follows the log by itself: restarts, rebuilds, and what it holds.

use std::time::Duration;

use projections::Page;
use projections::search::{INDEX_WITHIN, Query};

use super::talk::*;
use crate::fixture::Log;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    a_search_finds_what_was_said_before_it,
    an_index_goes_on_where_it_stopped,
    an_index_that_was_lost_is_made_again,
    an_index_of_another_history_is_made_again,
    an_index_that_stands_still_is_waited_for_only_so_long,
    the_index_holds_no_text,
}

async fn a_search_finds_what_was_said_before_it(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    for number in 0..30 {
        let text = format!("말 {number}");
        talk.says(room, &text).await;
        talk.live.catch_up(&talk.log).await;
        // No wait but that of the search itself.
        let found = talk.ask(room, &text, 1, 1).await;
        assert_eq!(found.hits[0].body.text, text);
    }
}

async fn an_index_goes_on_where_it_stopped(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says(room, "앞선 말").await;
    talk.catch_up().await;
    let log = talk.stop().await;
    let talk = Talk::over(log).await;
    assert!(talk.search.position() > 0, "it begins anew");
    talk.says(room, "뒤의 말").await;
    assert_eq!(talk.texts(room, "말").await, ["앞선 말", "뒤의 말"]);
    let log = talk.stop().await;

    // What happens while nothing follows is found later.
    let talk = Talk::over(log).await;
    talk.says(room, "그 사이의 말").await;
    let log = talk.stop().await;
    let talk = Talk::over(log).await;
    let all = ["앞선 말", "뒤의 말", "그 사이의 말"];
    assert_eq!(talk.texts(room, "말").await, all);
}

async fn an_index_that_was_lost_is_made_again(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says(room, "잃지 않을 말").await;
    talk.catch_up().await;
    let log = talk.stop().await;
    log.place.lose_search().await;
    let talk = Talk::over(log).await;
    assert_eq!(talk.texts(room, "않을").await, ["잃지 않을 말"]);
}

async fn an_index_of_another_history_is_made_again(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says(room, "없어질 말").await;
    talk.catch_up().await;
    let first = talk.stop().await;

    let mut log = Log::of_history(2);
    log.place = first.place.clone();
    let talk = Talk::over(log).await;
    let room = talk.room(1).await;
    talk.says(room, "새로운 말").await;
    assert_eq!(talk.texts(room, "말").await, ["새로운 말"]);
}

async fn an_index_that_stands_still_is_waited_for_only_so_long(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says(room, "있는 말").await;
    talk.catch_up().await;
    talk.search.stop().await;
    talk.says(room, "오는 말").await;
    talk.live.catch_up(&talk.log).await;
    let query = Query::parse("말").unwrap();
    let page = Page { page: 1, size: 9 };
    let head = talk.log.head().await;
    let begun = std::time::Instant::now();
    let found = talk.search.find(room, &query, page, head).await.unwrap();
    assert!(begun.elapsed() >= INDEX_WITHIN);
    assert!(begun.elapsed() < INDEX_WITHIN + Duration::from_secs(20));
    assert_eq!(found.total, 1);
    assert!(!talk.search.status().is_healthy());
}

async fn the_index_holds_no_text(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says(room, "xyzzyplughplover").await;
    assert_eq!(talk.finds(room, "plugh").await.len(), 1);
    let log = talk.stop().await;
    let stored = log.place.search_bytes().await;
    assert!(!stored.is_empty());
    for part in ["xyzzy", "plugh", "plover"] {
        let found = stored
            .windows(part.len())
            .any(|piece| piece == part.as_bytes());
        assert!(!found, "{part} is in the index");
    }
}
