//! An answer while it comes.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::stream::{self, StreamExt};

use super::{Finished, ResponderError};

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Some of the text, in order; never empty.
    Token(String),
    /// The last of an answer that is whole.
    Finished(Finished),
}

type Item = Result<Piece, ResponderError>;

/// An answer while it comes: tokens, then [`Piece::Finished`] or an error, then nothing more.
/// Dropping it ends the work on it.
pub struct Answer(Pin<Box<dyn Stream<Item = Item> + Send>>);

impl Answer {
    /// Of pieces that are there already.
    pub(super) fn ready(pieces: Vec<Piece>) -> Self {
        Self::of(stream::iter(pieces.into_iter().map(Ok)))
    }

    pub(super) fn of(pieces: impl Stream<Item = Item> + Send + 'static) -> Self {
        Self(Box::pin(pieces))
    }
}

impl Stream for Answer {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        self.0.poll_next_unpin(context)
    }
}
