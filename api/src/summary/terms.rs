//! The words of a sentence that tell something: without particles, endings and filler words.

/// A word that tells something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// By which two forms of a word are taken for one.
    pub stem: String,
    /// As it is shown.
    pub shown: String,
    /// It names something; others say what happens.
    pub nominal: bool,
    /// It stood without a particle, so that it may belong to the noun behind it.
    pub bare: bool,
    /// It stands right behind the term before it.
    pub adjacent: bool,
}

/// Particles behind Korean nouns, longer ones first.
const PARTICLES: &[&str] = &[
    "에게서는",
    "에서부터",
    "으로부터",
    "에게서",
    "으로써",
    "으로서",
    "에서는",
    "에서도",
    "이라고",
    "이라는",
    "까지",
    "부터",
    "에게",
    "한테",
    "에서",
    "으로",
    "이나",
    "이랑",
    "처럼",
    "보다",
    "마다",
    "조차",
    "밖에",
    "라고",
    "라는",
    "에는",
    "에도",
    "들은",
    "들이",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "의",
    "도",
    "로",
    "와",
    "과",
];

/// Endings of Korean verbs and adjectives, longer ones first.
const ENDINGS: &[&str] = &[
    "했었어요",
    "겠습니다",
    "있습니다",
    "었습니다",
    "았습니다",
    "했습니다",
    "합니다",
    "습니다",
    "거든요",
    "잖아요",
    "는데요",
    "했어요",
    "었어요",
    "았어요",
    "겠어요",
    "을까요",
    "였어요",
    "려고요",
    "입니다",
    "됩니다",
    "해야",
    "해요",
    "돼요",
    "어요",
    "아요",
    "에요",
    "예요",
    "네요",
    "세요",
    "군요",
    "나요",
    "까요",
    "데요",
    "래요",
    "지요",
    "는데",
    "지만",
    "려고",
    "하면",
    "해서",
    "어서",
    "아서",
    "하고",
    "하는",
    "다고",
    "다",
    "요",
    "죠",
];

/// Words that are everywhere and tell nothing.
const KOREAN_FILLERS: &[&str] = &[
    "그리고",
    "그런데",
    "그래서",
    "그러면",
    "그러니까",
    "하지만",
    "근데",
    "그럼",
    "그게",
    "그건",
    "그냥",
    "그런",
    "그렇게",
    "이렇게",
    "저렇게",
    "어떻게",
    "이런",
    "저런",
    "어떤",
    "무슨",
    "무엇",
    "뭔가",
    "너무",
    "정말",
    "진짜",
    "조금",
    "많이",
    "아주",
    "매우",
    "좀",
    "더",
    "또",
    "다시",
    "계속",
    "자꾸",
    "항상",
    "이제",
    "지금",
    "오늘",
    "어제",
    "내일",
    "요즘",
    "때",
    "것",
    "거",
    "게",
    "걸",
    "수",
    "줄",
    "등",
    "점",
    "저",
    "제",
    "나",
    "내",
    "너",
    "우리",
    "저희",
    "당신",
    "본인",
    "안",
    "못",
    "잘",
    "네",
    "예",
    "응",
    "아니",
    "아니요",
    "있는",
    "없는",
    "같은",
    "되는",
    "있어",
    "없어",
    "같아",
    "안녕하",
    "감사",
    "고마워",
    "혹시",
    "일단",
    "때문",
    "정도",
    "생각",
    "부분",
];

const ENGLISH_FILLERS: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "always", "am", "an", "and", "any", "are", "as",
    "at", "be", "because", "been", "before", "being", "but", "by", "can", "could", "did", "do",
    "does", "doing", "done", "don", "every", "feel", "felt", "for", "from", "get", "got", "had",
    "has", "have", "he", "hello", "her", "hers", "hi", "him", "his", "how", "i", "if", "in",
    "into", "is", "it", "its", "just", "know", "like", "ll", "lot", "make", "maybe", "me", "more",
    "most", "much", "my", "myself", "never", "no", "not", "now", "of", "ok", "okay", "on", "only",
    "or", "other", "our", "out", "over", "own", "re", "really", "s", "she", "should", "so", "some",
    "still", "such", "t", "than", "thank", "thanks", "that", "the", "their", "them", "then",
    "there", "these", "they", "thing", "think", "this", "those", "to", "too", "up", "us", "ve",
    "very", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with",
    "would", "you",
];

/// Words of one letter or syllable are kept out of key terms: they are mostly particles cut off.
const MIN_CHARS: usize = 2;

/// Longer words are links and noise.
const MAX_CHARS: usize = 40;

/// The terms of a sentence, in order.
pub(super) fn terms(sentence: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut adjacent = false;
    for word in sentence.split(|character: char| !character.is_alphanumeric()) {
        if word.is_empty() {
            // More than a space between two words keeps them apart.
            adjacent = false;
            continue;
        }
        match term(word) {
            Some(term) => {
                terms.push(Term { adjacent, ..term });
                adjacent = true;
            }
            None => adjacent = false,
        }
    }
    terms
}

fn term(word: &str) -> Option<Term> {
    if word.chars().all(char::is_numeric) || word.chars().count() > MAX_CHARS {
        return None;
    }
    if word.chars().any(is_hangul) {
        korean(word)
    } else {
        english(word)
    }
}

fn is_hangul(character: char) -> bool {
    matches!(character, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}')
}

fn korean(word: &str) -> Option<Term> {
    let filler = |text: &str| KOREAN_FILLERS.contains(&text);
    if filler(word) {
        return None;
    }
    let (stem, nominal, bare) = if let Some(stem) = without(word, ENDINGS, 1) {
        (stem, false, false)
    } else if let Some(stem) = without(word, PARTICLES, MIN_CHARS) {
        (stem, true, false)
    } else {
        (word, true, true)
    };
    let one_syllable_with_particle =
        without(word, PARTICLES, 1).is_some_and(|stem| stem.chars().count() == 1 && filler(stem));
    if filler(stem) || one_syllable_with_particle {
        return None;
    }
    let long_enough = stem.chars().count() >= MIN_CHARS;
    Some(Term {
        stem: stem.to_owned(),
        shown: stem.to_owned(),
        nominal: nominal && long_enough,
        bare,
        adjacent: false,
    })
}

/// The word without the first of these suffixes that leaves at least `keep` characters.
fn without<'a>(word: &'a str, suffixes: &[&str], keep: usize) -> Option<&'a str> {
    suffixes
        .iter()
        .filter_map(|suffix| word.strip_suffix(suffix))
        .find(|stem| stem.chars().count() >= keep)
}

fn english(word: &str) -> Option<Term> {
    let lower = word.to_lowercase();
    if ENGLISH_FILLERS.contains(&&*lower) {
        return None;
    }
    let stem = ["ies", "ing", "ed", "es", "s", "y"]
        .iter()
        .filter_map(|suffix| lower.strip_suffix(suffix))
        .find(|stem| stem.chars().count() >= 4)
        .unwrap_or(&lower);
    let verbal = lower.ends_with("ed") || lower.ends_with("ing") || lower.ends_with("ly");
    Some(Term {
        stem: stem.to_owned(),
        nominal: !verbal && lower.chars().count() > MIN_CHARS,
        shown: lower,
        bare: true,
        adjacent: false,
    })
}

#[cfg(test)]
mod tests {
    use super::terms;

    fn stems(sentence: &str) -> Vec<String> {
        terms(sentence).into_iter().map(|term| term.stem).collect()
    }

    #[test]
    fn particles_do_not_make_another_word() {
        assert_eq!(
            stems("스트레스를 스트레스가 스트레스는"),
            ["스트레스", "스트레스", "스트레스"]
        );
    }

    #[test]
    fn a_short_noun_keeps_the_syllable_that_looks_like_a_particle() {
        assert_eq!(stems("회의"), ["회의"]);
    }

    #[test]
    fn filler_words_tell_nothing() {
        assert!(stems("그래서 저는 너무").is_empty());
        assert!(stems("And then I really just do it").is_empty());
    }

    #[test]
    fn verbs_count_but_are_no_key_terms() {
        let terms = terms("잠들기 힘들어요");
        assert!(terms[0].nominal);
        assert!(!terms[1].nominal);
    }

    #[test]
    fn a_word_without_end_is_no_term() {
        assert!(stems(&"가".repeat(2_000)).is_empty());
    }

    #[test]
    fn english_forms_are_one_word() {
        assert_eq!(stems("worry worries"), ["worr", "worr"]);
    }
}
