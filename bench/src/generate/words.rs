//! What people write, in Korean and in English.

use rand::seq::IndexedRandom;

use super::History;

/// As long as a real one.
pub(super) const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
     RdescudvJCsgt3ub+b9dWRWJTmaaJObG2IhX5s5wCfg";

const NAMES: &[&str] = &[
    "김하늘",
    "이바다",
    "박새벽",
    "Jordan",
    "최나무",
    "Sam",
    "정구름",
    "한별",
];

const SENTENCES: &[&str] = &[
    "안녕하세요, 오늘은 어떤 하루를 보내셨나요?",
    "요즘 잠을 잘 못 자고 있어요. 새벽마다 깨서 한참을 뒤척여요.",
    "그러셨군요. 언제부터 그런 일이 있었는지 조금 더 들려주실 수 있을까요?",
    "회사에서 사람들과 부딪히는 일이 많아졌어요 ㅠㅠ",
    "괜찮아요. 천천히 말씀하셔도 됩니다.",
    "가족에게는 아직 말하지 못했어요. 걱정할까 봐요.",
    "네",
    "고맙습니다 🙂",
    "I have been feeling overwhelmed since the move, and I do not know whom to tell.",
    "That sounds exhausting. What does a usual evening look like for you?",
    "Mostly I just lie there and scroll until it is far too late.",
    "Thank you for telling me that. It is a lot to carry alone.",
    "Yes, exactly.",
    "오늘 이야기한 것 중에서 다음 주까지 해볼 수 있는 작은 일을 하나 골라볼까요? \
     거창하지 않아도 좋아요. 산책 십 분이나, 잠들기 전에 휴대전화를 다른 방에 두는 것처럼요.",
    "It helps to write three lines before going to bed: what was hard, what was good, and what \
     can wait until tomorrow. Would you like to try it for a week?",
];

pub(super) fn sentence(history: &mut History) -> String {
    pick(history, SENTENCES)
}

pub(super) fn name(history: &mut History) -> String {
    pick(history, NAMES)
}

fn pick(history: &mut History, texts: &[&str]) -> String {
    texts
        .choose(&mut history.random)
        .copied()
        .unwrap_or_default()
        .to_owned()
}
