//! What the rules find, and what they leave alone.

use super::{RULES, check};

#[test]
fn the_rules_can_be_read() {
    assert!(
        RULES.as_ref().is_ok_and(|_| true),
        "{:?}",
        RULES.as_ref().err()
    );
}

#[test]
fn words_are_found_however_they_are_torn_apart() {
    for text in [
        "죽고 싶어요",
        "죽고싶다",
        "죽 고 싶 다",
        "죽.고.싶.다",
        "ㅈㅜㄱㄱㅗㅅㅣㅍㄷㅏ",
        "ㅈ ㅜ ㄱ ㄱ ㅗ ㅅ ㅣ ㅍ 다",
        "죽\n고\n싶\n다",
        "죽고ㅠㅠ싶어ㅠㅠ",
        "죽고 싶지 않아요",
        "나는자살하고싶다",
        "자 살 하고 싶다",
        "자1살",
        "자★살",
        "I want to die",
        "i wanna  DIE",
        "k i l l  m y s e l f",
        "k1ll mys3lf",
        "su1c1dal",
        "ｓｕｉｃｉｄｅ",
        "I don't want to live anymore",
        "wаnt to diе",
        "kiiiill myself",
        "suïcide",
    ] {
        assert!(check(text).is_some(), "{text}");
    }
    let composed = "죽고 싶어요";
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(composed).collect();
    assert_ne!(composed, decomposed);
    assert!(check(&decomposed).is_some());
    let invisible: String = composed
        .chars()
        .flat_map(|char| [char, '\u{200B}', '\u{2060}'])
        .collect();
    assert!(check(&invisible).is_some());
}

#[test]
fn idioms_and_other_words_are_left_alone() {
    for text in [
        "배고파 죽겠다",
        "웃겨 죽겠네",
        "의자 살게요",
        "혼자 살고 있어요",
        "혼자살아요",
        "자, 살펴보자",
        "각자사랑",
        "I want to diet",
        "skill myself",
        "10 kms",
        "die laughing",
        "유서 깊은 절",
        "자살골",
        "콩죽 먹고 싶다",
        "",
        " ",
        "...",
        "나는 오늘 학교에 갔다",
    ] {
        assert_eq!(check(text), None, "{text}");
    }
}
