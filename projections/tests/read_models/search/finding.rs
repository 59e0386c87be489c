//! What is found, and how it is shown.

use projections::search::{COUNTED_HITS, RoomKey};

use super::talk::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    every_part_of_a_message_is_found_down_to_one_character,
    every_character_is_looked_for_as_it_is,
    case_and_normal_form_make_no_difference_and_the_highlight_is_as_it_stands,
    pieces_that_stand_apart_are_not_the_word,
    a_room_shows_nothing_of_another,
    the_newest_comes_first_and_pages_follow_each_other,
    hits_are_counted_up_to_a_limit,
    a_copied_message_is_found_by_the_number_that_it_had,
    what_was_erased_is_not_found,
}

async fn every_part_of_a_message_is_found_down_to_one_character(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    let text = "오늘 날씨가 참 좋네요, 산책할까요? 🙂 OK";
    talk.says(room, text).await;
    talk.says(room, "전혀 다른 말").await;
    let letters: Vec<char> = text.chars().collect();
    for start in 0..letters.len() {
        for end in start + 1..=letters.len() {
            let part: String = letters[start..end].iter().collect();
            let hits = talk.finds(room, &part).await;
            let hit = hits.iter().find(|hit| hit.body.text == text);
            let hit = hit.unwrap_or_else(|| panic!("{part:?} is not found"));
            assert_eq!(hit.highlight.to_lowercase(), part.to_lowercase());
        }
    }
    assert_eq!(talk.texts(room, "날씨").await, [text]);
    assert_eq!(talk.texts(room, "산책").await, [text]);
    assert_eq!(talk.texts(room, "씨날").await, [""; 0]);
    assert_eq!(talk.texts(room, "밤").await, [""; 0]);
}

async fn every_character_is_looked_for_as_it_is(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    let texts = [
        "100% 확실",
        "100점",
        "a_b",
        "axb",
        "say \"hi\"",
        "it's",
        "2 * 3 AND 4 OR NOT 5",
        "NEAR(a b)",
        "두  칸",
        "두 칸",
        "tab\there",
        "{1,2}",
        "back\\slash",
        "👩‍👩‍👧",
    ];
    for text in texts {
        talk.says(room, text).await;
    }
    for (sought, expected) in [
        ("%", vec!["100% 확실"]),
        ("_", vec!["a_b"]),
        ("\"", vec!["say \"hi\""]),
        ("'", vec!["it's"]),
        ("*", vec!["2 * 3 AND 4 OR NOT 5"]),
        ("AND 4 OR NOT", vec!["2 * 3 AND 4 OR NOT 5"]),
        ("near(", vec!["NEAR(a b)"]),
        ("두  칸", vec!["두  칸"]),
        ("두 칸", vec!["두 칸"]),
        ("\t", vec!["tab\there"]),
        ("{1,", vec!["{1,2}"]),
        ("\\", vec!["back\\slash"]),
        ("👧", vec!["👩‍👩‍👧"]),
        ("\u{200d}", vec!["👩‍👩‍👧"]),
        ("a*b", vec![]),
    ] {
        assert_eq!(talk.texts(room, sought).await, expected, "{sought}");
    }
}

async fn case_and_normal_form_make_no_difference_and_the_highlight_is_as_it_stands(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    let decomposed = "마\u{110b}\u{1173}\u{11b7} 카페\u{301}";
    let texts = [
        "Hello MAEUM",
        "마음이 편해요",
        decomposed,
        "Straße",
        "İyi",
        "CAFÉ",
    ];
    for text in texts {
        talk.says(room, text).await;
    }
    for (sought, expected) in [
        ("maeum", vec!["MAEUM"]),
        ("heLLO m", vec!["Hello M"]),
        ("마음", vec!["마음", "마\u{110b}\u{1173}\u{11b7}"]),
        (
            "\u{1106}\u{1161}음",
            vec!["마음", "마\u{110b}\u{1173}\u{11b7}"],
        ),
        ("STRASSE", vec!["Straße"]),
        ("ße", vec!["ße"]),
        ("i\u{307}", vec!["İ"]),
        ("cafe\u{301}", vec!["CAFÉ"]),
    ] {
        let hits = talk.finds(room, sought).await;
        let shown: Vec<_> = hits.iter().rev().map(|hit| &hit.highlight).collect();
        assert_eq!(shown, expected.iter().collect::<Vec<_>>(), "{sought}");
    }
    assert_eq!(talk.texts(room, "cafe").await, [""; 0], "the accent counts");
}

async fn pieces_that_stand_apart_are_not_the_word(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says(room, "abc bcd").await;
    talk.says(room, "abcd").await;
    assert_eq!(talk.texts(room, "abcd").await, ["abcd"]);
}

async fn a_room_shows_nothing_of_another(engine: Engine) {
    let talk = Talk::new(engine).await;
    let (one, other) = (talk.room(1).await, talk.room(2).await);
    talk.says(one, "같은 말 하나").await;
    talk.says(other, "같은 말 둘").await;
    assert_eq!(talk.texts(one, "같은 말").await, ["같은 말 하나"]);
    assert_eq!(talk.texts(other, "같은 말").await, ["같은 말 둘"]);
    // Even where the index takes one room for another.
    let mistaken = RoomKey {
        number: one.number,
        ..other
    };
    assert_eq!(talk.texts(mistaken, "같은 말").await, [""; 0]);
}

async fn the_newest_comes_first_and_pages_follow_each_other(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    for number in 0..150 {
        let word = if number % 2 == 0 { "짝수" } else { "홀수" };
        talk.says(room, &format!("{word} {number}")).await;
    }
    let newest_first: Vec<String> = (0..150)
        .rev()
        .step_by(2)
        .map(|n| format!("홀수 {n}"))
        .collect();
    talk.catch_up().await;
    let mut seen = Vec::new();
    for page in 1.. {
        let found = talk.ask(room, "홀수", page, 20).await;
        assert_eq!(found.total, 75);
        seen.extend(found.hits.into_iter().map(|hit| hit.body.text));
        assert_eq!(found.has_more, seen.len() < 75);
        if !found.has_more {
            break;
        }
    }
    assert_eq!(seen, newest_first);
    let beyond = talk.ask(room, "홀수", 9, 20).await;
    assert_eq!(
        (beyond.hits.len(), beyond.total, beyond.has_more),
        (0, 75, false)
    );
}

async fn hits_are_counted_up_to_a_limit(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    for number in 0..=COUNTED_HITS {
        talk.says(room, &format!("네 {number}")).await;
    }
    talk.catch_up().await;
    let found = talk.ask(room, "네", 1, 20).await;
    assert_eq!((found.total, found.has_more), (COUNTED_HITS, true));
    assert_eq!(found.hits[0].body.text, format!("네 {COUNTED_HITS}"));
    let last = talk.ask(room, "네", 50, 20).await;
    assert_eq!((last.hits.len(), last.has_more), (20, false));
    assert_eq!(last.hits[19].body.text, "네 1");
}

async fn a_copied_message_is_found_by_the_number_that_it_had(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.copied(room, 900, "옮긴 말").await;
    talk.says(room, "여기서 한 말").await;
    assert_eq!(talk.texts(room, "옮긴").await, ["옮긴 말"]);
    let hits = talk.finds(room, "말").await;
    let numbers: Vec<_> = hits.iter().map(|hit| hit.message.number).collect();
    assert_eq!(numbers[0], 900);
    assert_eq!(numbers.len(), 2);
}

async fn what_was_erased_is_not_found(engine: Engine) {
    let talk = Talk::new(engine).await;
    let room = talk.room(1).await;
    talk.says_on(TODAY, person(1), room, "비밀 하나").await;
    talk.says_on(TODAY, person(2), room, "비밀 둘").await;
    assert_eq!(talk.texts(room, "비밀").await, ["비밀 하나", "비밀 둘"]);
    talk.destroy(&format!("account:{}", person(1)));
    assert_eq!(talk.texts(room, "비밀").await, ["비밀 둘"]);
    talk.destroy(&format!("room-day:{}:{TODAY}", room.id));
    assert_eq!(talk.texts(room, "비밀").await, [""; 0]);
}
