//! The name of a person as read models keep it: sealed, in one of the shapes that events have.

use domain::{Profile, RequestText};
use event_store::keys::KeyStore;
use event_store::seal::OpenError;

use crate::row::Columns;
use crate::{RowError, SealedColumn};

/// The column `name_form` of a profile's name.
pub(crate) const PROFILE: &str = "profile";
/// The column `name_form` of the nickname in a request.
pub(crate) const REQUEST: &str = "request";
/// The column `name_form` of a nickname that stands alone.
pub(crate) const NICKNAME: &str = "nickname";

/// A sealed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameColumn {
    Profile(SealedColumn),
    Request(SealedColumn),
    Nickname(SealedColumn),
}

impl NameColumn {
    /// The name; none once it was erased.
    pub fn open(&self, keys: &dyn KeyStore) -> Result<Option<String>, OpenError> {
        match self {
            Self::Profile(column) => Ok(column.open::<Profile>(keys)?.map(|profile| profile.name)),
            Self::Request(column) => Ok(column
                .open::<RequestText>(keys)?
                .map(|request| request.nickname)),
            Self::Nickname(column) => column.open(keys),
        }
    }

    /// Reads the columns `name` and `name_form`.
    pub(crate) fn take(columns: &mut Columns<'_>) -> Result<Option<Self>, RowError> {
        let name: Option<SealedColumn> = columns.take()?;
        let form: Option<std::sync::Arc<str>> = columns.take()?;
        Ok(match (name, form.as_deref()) {
            (Some(name), Some(PROFILE)) => Some(Self::Profile(name)),
            (Some(name), Some(REQUEST)) => Some(Self::Request(name)),
            (Some(name), _) => Some(Self::Nickname(name)),
            (None, _) => None,
        })
    }
}
