//! What answers look like around their rows.

use serde::Serialize;
use utoipa::ToSchema;

use super::{FeedMember, FeedMessage};

/// It was done, and there is nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedDone {
    pub success: bool,
    /// What was done.
    pub message: &'static str,
}

impl FeedDone {
    pub(crate) fn saying(message: &'static str) -> Self {
        Self {
            success: true,
            message,
        }
    }
}

/// A message that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedSent {
    #[serde(flatten)]
    pub done: FeedDone,
    pub data: FeedMessage,
}

/// Somebody who was added, or was there already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedAdded {
    #[serde(flatten)]
    pub done: FeedDone,
    pub data: FeedMember,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedMessages {
    #[serde(flatten)]
    pub done: FeedDone,
    pub data: Vec<FeedMessage>,
    pub pagination: FeedPagination,
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedMembers {
    #[serde(flatten)]
    pub done: FeedDone,
    pub data: Vec<FeedMember>,
    pub pagination: FeedPagination,
}

/// Which stretch of a list it is.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FeedPagination {
    /// From 1.
    pub page: u64,
    /// Rows on a page.
    pub limit: u64,
    /// Rows on all pages.
    pub total: u64,
    pub total_pages: u64,
    pub has_more: bool,
}

impl FeedPagination {
    pub(crate) fn of(page: crate::extract::Page, total: u64) -> Self {
        Self {
            page: page.number,
            limit: page.size,
            total,
            total_pages: total.div_ceil(page.size),
            has_more: page.offset().saturating_add(page.size) < total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Page;

    #[test]
    fn the_last_page_has_no_more() {
        let of = |number, total| FeedPagination::of(Page { number, size: 10 }, total);
        assert_eq!((of(1, 0).total_pages, of(1, 0).has_more), (0, false));
        assert_eq!((of(1, 10).total_pages, of(1, 10).has_more), (1, false));
        assert_eq!((of(1, 11).total_pages, of(1, 11).has_more), (2, true));
        assert!(!of(2, 11).has_more);
        assert!(!of(1_000_000_000, 11).has_more);
    }
}
