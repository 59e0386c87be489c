//! Why there is no answer, or not all of one.

/// Why there is no answer, or not all of one. None of these says what was asked or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResponderError {
    /// As many answers as may be are being given, and the wait for one's turn was over.
    #[error("too many answers are being given at once")]
    Busy,
    /// The input alone is more than the model may be given.
    #[error("the input is longer than the model may be given")]
    TooLong,
    #[error("the language model cannot be reached")]
    Unreachable,
    /// Nothing came for as long as `llm.timeout`.
    #[error("the language model took too long")]
    TimedOut,
    /// It asks for less (429).
    #[error("the language model is overloaded")]
    Overloaded,
    /// It does not take requests as they are: the settings are wrong.
    #[error("the language model refused the request with status {0}")]
    Refused(u16),
    #[error("the language model failed with status {0}")]
    Failed(u16),
    /// It ended with neither a reason nor the mark of the end.
    #[error("the language model broke off")]
    BrokenOff,
    /// It sent what is no answer.
    #[error("the language model sent what cannot be understood")]
    Malformed,
}

impl ResponderError {
    /// Whether the same may be asked again with another outcome.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Busy
            | Self::Unreachable
            | Self::TimedOut
            | Self::Overloaded
            | Self::Failed(_)
            | Self::BrokenOff
            | Self::Malformed => true,
            Self::TooLong | Self::Refused(_) => false,
        }
    }

    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy => "responder_busy",
            Self::TooLong => "input_too_long",
            Self::Unreachable => "model_unreachable",
            Self::TimedOut => "model_timed_out",
            Self::Overloaded => "model_overloaded",
            Self::Refused(_) => "model_refused",
            Self::Failed(_) => "model_failed",
            Self::BrokenOff => "model_broke_off",
            Self::Malformed => "model_malformed",
        }
    }
}
