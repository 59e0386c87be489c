//! Summaries of small conversations, and what holds for any.

use proptest::prelude::*;

use super::{Said, Speaker, Summary, summarise};

fn conversation(lines: &[(&str, &str)]) -> Vec<Said> {
    lines
        .iter()
        .map(|(by, text)| Said {
            by: if *by == "user" {
                Speaker::Seeker
            } else {
                Speaker::Counselor
            },
            text: (*text).to_owned(),
        })
        .collect()
}

#[test]
fn a_korean_conversation_is_told_by_its_own_sentences_and_nouns() {
    let summary = summarise(&conversation(&[
        ("user", "안녕하세요"),
        ("counselor", "안녕하세요! 무엇을 도와드릴까요?"),
        (
            "user",
            "회사 업무 스트레스가 심해서 밤마다 수면 문제가 있어요.",
        ),
        ("counselor", "업무 스트레스는 언제부터 심해졌나요?"),
        (
            "user",
            "새 프로젝트 때문에 업무 스트레스를 세 달 전부터 받았어요. 수면 시간도 줄었어요.",
        ),
        (
            "counselor",
            "수면 시간을 지키고 산책을 해 보는 것은 어떨까요?",
        ),
        ("user", "네"),
        ("user", "산책을 매일 해 볼게요. 감사합니다."),
    ]));
    assert!(
        summary.key_points.contains(&"업무 스트레스".to_owned()),
        "{summary:?}"
    );
    assert!(
        summary
            .key_points
            .iter()
            .any(|point| point.starts_with("수면")),
        "{summary:?}"
    );
    assert!(
        summary.notes.contains("회사 업무 스트레스가 심해서"),
        "{summary:?}"
    );
    assert!(!summary.notes.contains("안녕하세요"), "{summary:?}");
}

#[test]
fn an_english_conversation_is_told_too() {
    let summary = summarise(&conversation(&[
        ("user", "Hi"),
        (
            "user",
            "My exam anxiety is back and I can not sleep before an exam.",
        ),
        ("counselor", "How long has the exam anxiety been there?"),
        ("user", "Since the spring exam. My parents expect a lot."),
        (
            "counselor",
            "Breathing exercises before the exam may help against anxiety.",
        ),
    ]));
    assert!(
        summary.key_points.contains(&"exam anxiety".to_owned()),
        "{summary:?}"
    );
    assert!(
        summary.notes.starts_with("My exam anxiety is back"),
        "{summary:?}"
    );
}

#[test]
fn sentences_stay_in_their_order_and_are_not_told_twice() {
    let said = "수면 문제가 너무 심각합니다";
    let summary = summarise(&conversation(&[
        ("user", said),
        ("user", said),
        ("counselor", "상담 기록을 남기고 운동 계획을 세워 봅시다"),
    ]));
    assert_eq!(summary.notes.matches(said).count(), 1);
    assert!(summary.notes.find(said) < summary.notes.find("운동 계획"));
}

#[test]
fn of_nothing_said_there_is_nothing_to_tell() {
    assert_eq!(summarise(&[]), Summary::default());
    assert_eq!(
        summarise(&conversation(&[("user", "ㅠㅠ"), ("user", "🙂")])).notes,
        ""
    );
}

proptest! {
    #[test]
    fn any_conversation_has_a_bounded_summary_and_always_the_same(
        texts in proptest::collection::vec(".{0,400}", 0..40)
    ) {
        let said: Vec<Said> = texts
            .into_iter()
            .map(|text| Said { by: Speaker::Seeker, text })
            .collect();
        let summary = summarise(&said);
        prop_assert!(summary.key_points.len() <= super::KEY_TERMS);
        let most = super::SUMMARY_SENTENCES * (super::MAX_SENTENCE_CHARS + 2);
        prop_assert!(summary.notes.chars().count() <= most);
        prop_assert_eq!(summarise(&said), summary);
    }
}
