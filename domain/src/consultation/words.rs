//! What may be said in a consultation, and how much of it.

use super::{CardText, Notes};
use crate::{Refusal, limits, text};

/// A nickname needs something to be seen.
pub(super) fn check_nickname(nickname: &str) -> Result<(), Refusal> {
    if nickname.trim().is_empty() {
        return Err(Refusal::NicknameLength);
    }
    text::check(
        nickname,
        1..=limits::NICKNAME_CHARS,
        Refusal::NicknameLength,
    )
}

pub(super) fn check_notes(notes: &Notes) -> Result<(), Refusal> {
    text::check(
        &notes.counselor_notes,
        0..=limits::NOTES_CHARS,
        Refusal::NotesTooLong,
    )?;
    check_key_points(notes.key_points.as_deref().unwrap_or_default())
}

pub(super) fn check_card(card: &CardText) -> Result<(), Refusal> {
    text::check(
        &card.counselor_notes,
        0..=limits::NOTES_CHARS,
        Refusal::NotesTooLong,
    )?;
    check_additional_notes(card.additional_notes.as_deref())?;
    check_key_points(&card.key_points)
}

/// What the owner of a card adds to it.
pub(super) fn check_additional_notes(notes: Option<&str>) -> Result<(), Refusal> {
    notes.map_or(Ok(()), |notes| {
        text::check(notes, 0..=limits::NOTES_CHARS, Refusal::NotesTooLong)
    })
}

fn check_key_points(key_points: &[String]) -> Result<(), Refusal> {
    if key_points.len() > limits::KEY_POINTS {
        return Err(Refusal::TooManyKeyPoints);
    }
    key_points.iter().try_for_each(|point| {
        text::check(
            point,
            0..=limits::KEY_POINT_CHARS,
            Refusal::TooManyKeyPoints,
        )
    })
}
