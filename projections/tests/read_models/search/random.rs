//! Any talk and any query, held against a plain search through the folded texts.

use caseless::Caseless;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use unicode_normalization::UnicodeNormalization;

use super::talk::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    the_index_finds_what_a_plain_search_finds,
}

/// Few letters, so that parts of texts come again; some fold, some compose.
const LETTERS: &[&str] = &[
    "가",
    "각",
    "나",
    "\u{1100}\u{1161}",
    "\u{11a8}",
    "a",
    "A",
    "e",
    "\u{301}",
    "É",
    "ß",
    "s",
    "S",
    "İ",
    "i",
    " ",
    "%",
    "_",
    "\"",
    "*",
    "🙂",
    "漢",
];

fn text(random: &mut StdRng, longest: usize) -> String {
    let length = random.random_range(1..=longest);
    (0..length)
        .map(|_| *LETTERS.choose(random).unwrap())
        .collect()
}

fn folded(text: &str) -> String {
    text.nfd().default_case_fold().nfc().collect()
}

async fn the_index_finds_what_a_plain_search_finds(engine: Engine) {
    let is_long = std::env::var_os("MAEUM_TEST_LONG").is_some();
    let (messages, queries) = if is_long { (2_000, 4_000) } else { (150, 300) };
    let seed = match std::env::var("SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => rand::random(),
    };
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let talk = Talk::new(engine).await;
    let rooms = [talk.room(1).await, talk.room(2).await];
    let mut said: Vec<(usize, Option<String>, Said)> = Vec::new();
    for _ in 0..messages {
        let (which, text) = (random.random_range(0..2), text(&mut random, 12));
        let one = talk.says(rooms[which], &text).await;
        said.push((which, Some(text), one));
        let known = said.len();
        let (_, last, one) = &mut said[random.random_range(0..known)];
        match random.random_range(0..6) {
            0 if last.is_some() => {
                let text = self::text(&mut random, 12);
                talk.edits(*one, &text).await;
                *last = Some(text);
            }
            1 => {
                talk.deletes(*one).await;
                *last = None;
            }
            _ => {}
        }
    }
    talk.catch_up().await;
    for _ in 0..queries {
        let (which, sought) = (random.random_range(0..2), text(&mut random, 4));
        let expected: Vec<&String> = said
            .iter()
            .filter(|(room, _, _)| *room == which)
            .filter_map(|(_, text, _)| text.as_ref())
            .filter(|text| folded(text).contains(&folded(&sought)))
            .collect();
        let found = talk.ask(rooms[which], &sought, 1, 1_000).await;
        assert_eq!(
            found.total,
            expected.len().min(1_000) as u64,
            "SEED={seed} {sought:?}"
        );
        if expected.len() <= 1_000 {
            let texts: Vec<_> = found.hits.iter().rev().map(|hit| &hit.body.text).collect();
            assert_eq!(texts, expected, "SEED={seed} {sought:?}");
        }
    }
}
