//! What the built-in responder says, and what it must never say.

use futures_util::StreamExt;

use super::*;

fn responder() -> Responder {
    Responder::new(&Settings::default()).unwrap()
}

fn ask(input: &str) -> Ask {
    Ask {
        input: input.to_owned(),
        ..Ask::default()
    }
}

async fn answer(responder: &Responder, ask: Ask) -> (String, Finished) {
    let mut text = String::new();
    let mut pieces = responder.answer(ask).await.unwrap();
    while let Some(piece) = pieces.next().await {
        match piece.unwrap() {
            Piece::Token(token) => {
                assert!(!token.is_empty());
                text += &token;
            }
            Piece::Finished(finished) => {
                assert!(
                    pieces.next().await.is_none(),
                    "something came after the end"
                );
                return (text, finished);
            }
        }
    }
    panic!("no end after {text:?}");
}

#[tokio::test]
async fn it_answers_in_the_language_it_is_spoken_to_in() {
    let responder = responder();
    let (text, finished) = answer(&responder, ask("회사에서 너무 힘들어요")).await;
    assert!(text.contains("일터"), "{text}");
    assert_eq!(finished.emotion.label, "exhaustion");
    let (text, finished) = answer(&responder, ask("I feel so lonely in this city.")).await;
    assert!(
        text.starts_with("You feel so lonely in this city."),
        "{text}"
    );
    assert_eq!(finished.emotion.label, "loneliness");
    let mut unclear = ask("…");
    unclear.turns = vec![Turn {
        user: "I am sad".into(),
        answer: String::new(),
    }];
    let (text, _) = answer(&responder, unclear).await;
    assert!(text.is_ascii(), "{text}");
}

#[tokio::test]
async fn asked_what_it_is_it_says_a_program_with_rules() {
    for input in [
        "너 사람이야?",
        "혹시 챗봇인가요?",
        "Are you human?",
        "are you a bot",
    ] {
        let (text, _) = answer(&responder(), ask(input)).await;
        assert!(
            text.contains("정해진 규칙") || text.contains("fixed rules"),
            "{input}: {text}"
        );
    }
    assert!(!responder().is_language_model());
}

#[tokio::test]
async fn it_does_not_say_the_same_again_and_again() {
    let responder = responder();
    let mut session = ask("오늘은 비가 왔어요");
    let mut said = Vec::new();
    for _ in 0..6 {
        let (text, _) = answer(&responder, session.clone()).await;
        assert!(said.last() != Some(&text), "{text}");
        session.turns.push(Turn {
            user: session.input.clone(),
            answer: text.clone(),
        });
        said.push(text);
    }
}

#[tokio::test]
async fn whoever_speaks_of_suicide_is_asked_whether_they_are_safe() {
    let responder = responder();
    for input in [
        "회사 때문에 죽고 싶어요",
        "My boss makes me want to kill myself",
    ] {
        let (text, _) = answer(&responder, ask(input)).await;
        assert!(
            !text.contains("일터") && !text.contains("at work"),
            "{text}"
        );
    }
    let notice = responder.crisis_notice("죽고 싶어요");
    assert!(
        notice.contains("109") && notice.contains("1577-0199"),
        "{notice}"
    );
    assert!(
        responder
            .crisis_notice("I want to die")
            .starts_with("This sounds")
    );
}

#[tokio::test]
async fn any_input_has_an_answer() {
    let responder = responder();
    for input in [
        "",
        " ",
        "\0",
        "😭😭😭",
        "{said} {rest}",
        "…",
        "i feel ",
        &"가 ".repeat(500_000),
    ] {
        let (text, _) = answer(&responder, ask(input)).await;
        assert!(
            !text.trim().is_empty() && text.chars().count() < 1_000,
            "{text:?}"
        );
    }
    let (text, _) = answer(&responder, ask("i feel {said}")).await;
    assert!(text.contains("You feel {said}"), "{text}");
}

#[test]
fn what_is_negated_is_not_felt() {
    let responder = responder();
    let label = |text: &str| responder.emotion_of(text).label;
    assert_eq!(label("정말 행복해요"), "joy");
    assert_ne!(label("행복하지 않아요"), "joy");
    assert_ne!(label("I am not happy"), "joy");
    assert_eq!(label("창밖에 나무가 있다"), "neutral");
    assert_eq!(label("불안해서 잠이 안 와요"), "anxiety");
    let (more, less) = (
        responder.emotion_of("너무 슬퍼요"),
        responder.emotion_of("조금 슬퍼요"),
    );
    assert!(more.intensity > less.intensity, "{more:?} {less:?}");
    for text in ["슬퍼요 ".repeat(1_000), "so very sad ".repeat(1_000)] {
        assert!((0.0..=1.0).contains(&responder.emotion_of(&text).intensity));
    }
}

#[test]
fn a_bad_file_is_one_line_that_names_setting_and_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for text in ["nonsense", "", "neutral = \"x\""] {
        std::fs::write(file.path(), text).unwrap();
        for key in ["emotion.responder_file", "emotion.lexicon_file"] {
            let mut settings = Settings::default();
            let place = if key.ends_with("responder_file") {
                &mut settings.emotion.responder_file
            } else {
                &mut settings.emotion.lexicon_file
            };
            *place = Some(file.path().to_owned());
            let error = Responder::new(&settings).err().unwrap().to_string();
            assert!(error.contains(key) && !error.contains('\n'), "{error}");
        }
    }
}
