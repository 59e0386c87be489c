//! How much everybody may keep: what the read models count, and what is on its way.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use domain::PersonId;
use parking_lot::Mutex;
use projections::{Reader, uploads};

use crate::error::ApiError;

/// What everybody's files may take.
pub(super) struct Quotas {
    /// Bytes; 0 is no limit.
    per_person: u64,
    /// Bytes of files that are being uploaded to this node, and of those that the read models do
    /// not show yet.
    coming: Arc<Mutex<HashMap<PersonId, u64>>>,
}

/// Room for one file that is being uploaded; given back when it is dropped.
pub(super) struct Room {
    person: PersonId,
    per_person: u64,
    /// What was there when it began.
    used: u64,
    taken: u64,
    coming: Arc<Mutex<HashMap<PersonId, u64>>>,
}

impl Quotas {
    pub(super) fn new(per_person: usize) -> Self {
        Self {
            per_person: per_person as u64,
            coming: Arc::default(),
        }
    }

    /// Room for a file of somebody's.
    pub(super) async fn room(
        &self,
        reader: &dyn Reader,
        person: PersonId,
    ) -> Result<Room, ApiError> {
        let used = match self.per_person {
            0 => 0,
            _ => uploads::used_by(reader, person).await?,
        };
        let mut room = Room {
            person,
            per_person: self.per_person,
            used,
            taken: 0,
            coming: Arc::clone(&self.coming),
        };
        room.take(0)?;
        Ok(room)
    }
}

impl Room {
    /// Takes more of it.
    ///
    /// # Errors
    /// 413: there is no more.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        let bytes = bytes as u64;
        let mut coming = self.coming.lock();
        let theirs = coming.entry(self.person).or_default();
        if self.per_person > 0 && self.used + *theirs + bytes > self.per_person {
            if *theirs == 0 {
                coming.remove(&self.person);
            }
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "quota_exceeded",
                format!("your files take at most {} bytes together", self.per_person),
            ));
        }
        *theirs += bytes;
        self.taken += bytes;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut coming = self.coming.lock();
        if let Some(theirs) = coming.get_mut(&self.person) {
            *theirs = theirs.saturating_sub(self.taken);
            if *theirs == 0 {
                coming.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(quotas: &Quotas, person: u128, used: u64) -> Room {
        Room {
            person: PersonId(uuid::Uuid::from_u128(person)),
            per_person: quotas.per_person,
            used,
            taken: 0,
            coming: Arc::clone(&quotas.coming),
        }
    }

    #[test]
    fn what_comes_at_once_counts_together_to_the_last_byte() {
        let quotas = Quotas::new(100);
        let mut one = room(&quotas, 1, 50);
        let mut two = room(&quotas, 1, 50);
        one.take(30).unwrap();
        two.take(20).unwrap();
        assert_eq!(two.take(1).unwrap_err().code, "quota_exceeded");
        room(&quotas, 2, 99).take(1).unwrap();
        drop(one);
        two.take(30).unwrap();
        assert!(two.take(1).is_err());
        drop(two);
        assert!(quotas.coming.lock().is_empty());
    }

    #[test]
    fn without_a_limit_nothing_is_refused() {
        let quotas = Quotas::new(0);
        room(&quotas, 1, u64::MAX / 2).take(usize::MAX / 4).unwrap();
        assert!(quotas.coming.lock().is_empty());
    }
}
