//! What the rules find, and what they leave alone.

use std::time::{Duration, Instant};

use unicode_normalization::UnicodeNormalization;

use super::{RULES, check};

/// The labelled sentences.
const SENTENCES: &str = include_str!("sentences.tsv");

/// Of a hundred hints at least so many are found.
const VEILED_FOUND_PERCENT: usize = 80;

/// Of a hundred sentences that mean something else at most so many are found.
const FALSE_ALARMS_PERCENT: usize = 2;

fn sentences(label: &str) -> Vec<&'static str> {
    let lines = SENTENCES.lines().filter(|line| !line.starts_with('#'));
    let labelled = lines.map(|line| line.split_once('\t').expect("a label and a sentence"));
    let of_label = labelled.filter(|(of, _)| *of == label);
    of_label.map(|(_, sentence)| sentence).collect()
}

fn found(label: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let all = sentences(label).into_iter();
    all.partition(|sentence| check(sentence).is_some())
}

#[test]
fn the_rules_can_be_read() {
    assert!(RULES.is_ok(), "{:?}", RULES.as_ref().err());
}

#[test]
fn every_explicit_sentence_is_found_however_it_is_composed() {
    let (found, missed) = found("explicit");
    assert!(missed.is_empty(), "missed: {missed:#?}");
    assert!(found.len() >= 150);
    for sentence in found {
        let decomposed: String = sentence.nfd().collect();
        assert!(check(&decomposed).is_some(), "decomposed: {sentence}");
        let torn: String = sentence
            .chars()
            .flat_map(|char| [char, '\u{200B}'])
            .collect();
        assert!(
            check(&torn).is_some(),
            "with invisible characters: {sentence}"
        );
        let shouted = format!("음... {}!!!", sentence.to_uppercase());
        assert!(check(&shouted).is_some(), "{shouted}");
    }
}

#[test]
fn most_hints_are_found() {
    let (found, missed) = found("veiled");
    let all = found.len() + missed.len();
    println!("hints found: {} of {all}; missed: {missed:#?}", found.len());
    assert!(found.len() * 100 >= all * VEILED_FOUND_PERCENT);
}

#[test]
fn hardly_anything_else_is_found() {
    let (idioms, passed) = found("idiom");
    let (harmless, passed_too) = found("harmless");
    let alarms = idioms.len() + harmless.len();
    let all = alarms + passed.len() + passed_too.len();
    println!("false alarms: {alarms} of {all}: {idioms:#?} {harmless:#?}");
    assert!(
        alarms * 100 <= all * FALSE_ALARMS_PERCENT,
        "{idioms:#?} {harmless:#?}"
    );
    assert!(all >= 150);
}

#[test]
fn words_are_found_however_they_are_torn_apart() {
    for text in [
        "ㅈ ㅜ ㄱ ㄱ ㅗ ㅅ ㅣ ㅍ 다",
        "죽\n고\n싶\n다",
        "죽고ㅠㅠ싶어ㅠㅠ",
        "ｓｕｉｃｉｄｅ",
        "wаnt to diе",
        "kiiiill myself",
        "suïcide",
    ] {
        assert!(check(text).is_some(), "{text}");
    }
}

#[test]
fn a_harmless_phrase_takes_nothing_from_what_else_is_said() {
    for text in [
        "배고파 죽겠고 죽고 싶어요",
        "자살골 얘기가 아니라 자살하고 싶다고요",
        "cut myself shaving, then cut myself on purpose",
    ] {
        assert!(check(text).is_some(), "{text}");
    }
}

#[test]
fn nothing_has_nothing_in_it() {
    for text in [
        "",
        " ",
        "...",
        "\0",
        "\u{200B}",
        "ㅠㅠㅠ",
        "ㅋ",
        "1234",
        "🙂",
        "\u{E000}\u{F8FF}",
    ] {
        assert_eq!(check(text), None, "{text:?}");
    }
}

#[test]
fn a_megabyte_is_looked_at_to_its_end() {
    let text = "오늘은 날씨가 좋았다. ".repeat((1 << 20) / 32) + "죽고 싶다";
    assert!(text.len() > 1_000_000 - 40_000);
    assert!(check(&text).is_some());
}

#[test]
fn the_time_is_linear_in_the_text() {
    check("만들어 둔다");
    for piece in [
        "죽고 싶",
        "자",
        "ㅠ ",
        "나 같은 ",
        "a1",
        "suicide squad ",
        "\u{301}",
        "뛰어내",
    ] {
        let time = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            // Others use the machine as well: the quickest of three counts.
            let times = (0..3).map(|_| {
                let began = Instant::now();
                std::hint::black_box(check(&text));
                began.elapsed()
            });
            times.min().unwrap()
        };
        let (small, large) = (time(1 << 15), time(1 << 18));
        // Eight times as much: four times eight is far from eight times eight.
        let most = small.max(Duration::from_millis(10)) * 32;
        assert!(large < most, "{piece:?}: {small:?} and {large:?}");
    }
}
