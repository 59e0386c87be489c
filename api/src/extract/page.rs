//! Pages: a number and a size, each within bounds, each named when it is not.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::pairs;
use crate::error::{ApiError, FieldError};

/// Nobody turns over more pages than this.
pub const MAX_PAGE: u64 = 1_000_000_000;

/// How a list is paged.
pub trait PageRule: Send + Sync {
    /// What the dialect calls the size: `page_size`, `size` or `limit`.
    const SIZE: &'static str;
    const DEFAULT: u64;
    const MAX: u64;
}

/// Which stretch of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u64,
    /// Rows on a page, from 1.
    pub size: u64,
}

impl Page {
    /// Rows before the page.
    pub fn offset(self) -> u64 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The read models' page. What extractors let through fits.
    pub fn stored(self) -> projections::Page {
        let fit = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        projections::Page {
            page: fit(self.number),
            size: fit(self.size),
        }
    }

    /// Reads it from a query, by the names and bounds of a rule.
    pub fn from_query<R: PageRule>(query: &str) -> Result<Self, ApiError> {
        let mut wrong = Vec::new();
        let mut read = |name: &str, default: u64, maximum: u64| {
            let given = pairs(query).into_iter().find(|(known, _)| known == name);
            let Some((_, text)) = given else {
                return default;
            };
            let number = Some(&text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            match number.and_then(|text| text.parse().ok()) {
                Some(value) if (1..=maximum).contains(&value) => value,
                _ => {
                    let message = format!("must be a whole number from 1 to {maximum}");
                    wrong.push(FieldError::new("query", name, message));
                    default
                }
            }
        };
        let number = read("page", 1, MAX_PAGE);
        let size = read(R::SIZE, R::DEFAULT, R::MAX);
        if wrong.is_empty() {
            Ok(Self { number, size })
        } else {
            Err(ApiError::invalid_fields(wrong))
        }
    }
}

/// The page that a request asks for, by a rule.
#[derive(Debug, Clone, Copy)]
pub struct PageOf<R>(pub Page, PhantomData<R>);

impl<S: Send + Sync, R: PageRule> FromRequestParts<S> for PageOf<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        Page::from_query::<R>(query).map(|page| Self(page, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct History;
    impl PageRule for History {
        const SIZE: &'static str = "page_size";
        const DEFAULT: u64 = 50;
        const MAX: u64 = 200;
    }

    fn wrong(query: &str) -> String {
        let error = Page::from_query::<History>(query).unwrap_err();
        assert_eq!(error.status, 422);
        format!("{:?}", error.fields)
    }

    #[test]
    fn a_page_has_a_number_and_a_size() {
        let page = |query| Page::from_query::<History>(query).unwrap();
        assert_eq!(
            page(""),
            Page {
                number: 1,
                size: 50
            }
        );
        assert_eq!(
            page("page=3&page_size=200&x=1"),
            Page {
                number: 3,
                size: 200
            }
        );
        assert_eq!(page("page=3&page_size=20").offset(), 40);
        assert_eq!(
            page("page=1000000000&page_size=200").offset(),
            199_999_999_800
        );
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        for bad in [
            "0",
            "-1",
            "x",
            "1.0",
            "1e9",
            "1e18",
            "1000000000000000000",
            "+1",
            "%20",
        ] {
            assert!(wrong(&format!("page={bad}")).contains("\"page\""), "{bad}");
            assert!(
                wrong(&format!("page_size={bad}")).contains("\"page_size\""),
                "{bad}"
            );
        }
        assert!(wrong("page_size=201").contains("1 to 200"));
        let both = wrong("page=0&page_size=0");
        assert!(
            both.contains("\"page\"") && both.contains("\"page_size\""),
            "{both}"
        );
    }
}
