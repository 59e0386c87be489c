//! Reading requests: lenient about form, strict about content, and every bad field is named.

mod body;
mod decode;
mod page;
mod parameters;

pub use body::{Body, BodyOrForm, OptionalBody};
pub use decode::decode_json;
pub use page::{MAX_PAGE, Page, PageOf, PageRule};
pub use parameters::Query;

use crate::error::{ApiError, FieldError};

/// What a type's fields must be beyond their types.
pub trait Validate {
    /// Notes every field that is not allowed.
    fn validate(&self, problems: &mut Problems) {
        let _: &mut Problems = problems;
    }
}

/// Checks what came in otherwise than as a request: a frame of a live connection.
///
/// # Errors
/// Every field that is not allowed.
pub fn checked(read: &impl Validate) -> Result<(), ApiError> {
    let mut problems = Problems::of("body");
    read.validate(&mut problems);
    problems.into_result()
}

/// Fields that are not allowed, as they are found.
#[derive(Debug)]
pub struct Problems {
    place: &'static str,
    found: Vec<FieldError>,
}

impl Problems {
    pub(crate) fn of(place: &'static str) -> Self {
        Self {
            place,
            found: Vec::new(),
        }
    }

    /// Notes that a field is not allowed, and what is.
    pub fn note(&mut self, field: &str, message: impl Into<String>) {
        self.found.push(FieldError::new(self.place, field, message));
    }

    /// Notes a field unless something holds.
    pub fn require(&mut self, holds: bool, field: &str, message: impl Into<String>) {
        if !holds {
            self.note(field, message);
        }
    }

    /// A text has so many characters.
    pub fn length(&mut self, field: &str, text: &str, allowed: std::ops::RangeInclusive<usize>) {
        let count = text.chars().count();
        let (least, most) = (allowed.start(), allowed.end());
        self.require(
            allowed.contains(&count),
            field,
            match least {
                0 => format!("must have at most {most} characters"),
                _ => format!("must have {least} to {most} characters"),
            },
        );
    }

    /// An error that names all that was noted.
    pub(crate) fn into_result(self) -> Result<(), ApiError> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid_fields(self.found))
        }
    }

    pub(crate) fn into_found(self) -> Vec<FieldError> {
        self.found
    }
}
