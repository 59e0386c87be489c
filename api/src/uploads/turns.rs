//! How many files one person may bring at once: whoever sends slowly keeps no one else waiting.

use std::collections::HashMap;
use std::sync::Arc;

use domain::PersonId;
use parking_lot::Mutex;

use super::RETRY_AFTER_SECONDS;
use crate::error::ApiError;

/// Files that one person may bring to this node at once.
const AT_ONCE: usize = 8;

/// Who brings how many files at the moment.
#[derive(Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<PersonId, usize>>>);

/// A file that is being brought; over when it is dropped.
pub(super) struct Turn {
    person: PersonId,
    taken: Arc<Mutex<HashMap<PersonId, usize>>>,
}

impl Turns {
    /// Lets somebody bring one more.
    ///
    /// # Errors
    /// 429: they bring as many as they may.
    pub(super) fn take(&self, person: PersonId) -> Result<Turn, ApiError> {
        let mut taken = self.0.lock();
        let theirs = taken.entry(person).or_default();
        if *theirs >= AT_ONCE {
            return Err(ApiError::too_many("too_many_uploads", RETRY_AFTER_SECONDS));
        }
        *theirs += 1;
        Ok(Turn {
            person,
            taken: Arc::clone(&self.0),
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        if let Some(theirs) = taken.get_mut(&self.person) {
            *theirs -= 1;
            if *theirs == 0 {
                taken.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_person_brings_so_many_at_once_and_another_is_not_kept_waiting() {
        let turns = Turns::default();
        let [ann, ben] = [1, 2].map(|id| PersonId(Uuid::from_u128(id)));
        let mut taken: Vec<Turn> = (0..AT_ONCE).map(|_| turns.take(ann).unwrap()).collect();
        let refused = turns.take(ann).err().unwrap();
        assert_eq!(
            (refused.status.as_u16(), refused.code),
            (429, "too_many_uploads")
        );
        taken.push(turns.take(ben).unwrap());
        taken.remove(0);
        taken.push(turns.take(ann).unwrap());
        assert!(turns.take(ann).is_err());
        drop(taken);
        assert!(turns.0.lock().is_empty());
    }
}
