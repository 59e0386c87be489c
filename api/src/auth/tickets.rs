//! Tickets: what stands for a caller once, where a token would end up in an address.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use event_store::keys::KeyError;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::pepper::random_bytes;

/// How long a ticket for a live connection is good.
pub const TICKET_TTL: Duration = Duration::from_secs(30);

/// Tickets at once; the oldest go first.
const MAX_TICKETS: usize = 100_000;

/// Tickets at once of one owner; their oldest go first.
const MAX_TICKETS_PER_OWNER: usize = 16;

type Hash = [u8; 32];

struct Ticket<C> {
    owner: Uuid,
    caller: C,
    expires_at_us: i64,
}

struct Open<C> {
    tickets: HashMap<Hash, Ticket<C>>,
    /// Oldest first; those that were used are still in it.
    order: VecDeque<(i64, Hash)>,
    of_owner: HashMap<Uuid, VecDeque<Hash>>,
}

/// Tickets of one kind, in memory: a restart voids them.
pub struct Tickets<C> {
    ttl_us: i64,
    open: Mutex<Open<C>>,
}

impl<C> Tickets<C> {
    pub fn new(ttl: Duration) -> Self {
        let ttl_us = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX / 4);
        let open = Open {
            tickets: HashMap::new(),
            order: VecDeque::new(),
            of_owner: HashMap::new(),
        };
        Self {
            ttl_us,
            open: Mutex::new(open),
        }
    }

    /// A new ticket that stands for `caller`.
    ///
    /// # Errors
    /// The machine has no random bytes to give.
    pub fn issue(&self, owner: Uuid, caller: C, now_us: i64) -> Result<String, KeyError> {
        let text = URL_SAFE_NO_PAD.encode(random_bytes()?.as_slice());
        let hash: Hash = Sha256::digest(&text).into();
        let expires_at_us = now_us.saturating_add(self.ttl_us);
        let mut open = self.open.lock();
        open.make_room(owner, now_us);
        open.tickets.insert(
            hash,
            Ticket {
                owner,
                caller,
                expires_at_us,
            },
        );
        open.order.push_back((expires_at_us, hash));
        open.of_owner.entry(owner).or_default().push_back(hash);
        Ok(text)
    }

    /// Whom a ticket stands for. It is used up, even if it comes too late.
    pub fn redeem(&self, ticket: &str, now_us: i64) -> Option<C> {
        let hash: Hash = Sha256::digest(ticket).into();
        let ticket = self.open.lock().take(&hash)?;
        (now_us < ticket.expires_at_us).then_some(ticket.caller)
    }
}

impl<C> Open<C> {
    fn take(&mut self, hash: &Hash) -> Option<Ticket<C>> {
        let ticket = self.tickets.remove(hash)?;
        if let Some(of_owner) = self.of_owner.get_mut(&ticket.owner) {
            of_owner.retain(|other| other != hash);
            if of_owner.is_empty() {
                self.of_owner.remove(&ticket.owner);
            }
        }
        Some(ticket)
    }

    fn make_room(&mut self, owner: Uuid, now_us: i64) {
        while let Some((expires_at_us, hash)) = self.order.front().copied() {
            if expires_at_us > now_us && self.order.len() < MAX_TICKETS {
                break;
            }
            self.order.pop_front();
            self.take(&hash);
        }
        while let Some(of_owner) = self.of_owner.get(&owner)
            && of_owner.len() >= MAX_TICKETS_PER_OWNER
            && let Some(oldest) = of_owner.front().copied()
        {
            self.take(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_ticket_is_good_once() {
        let tickets = Tickets::new(TICKET_TTL);
        let ticket = tickets.issue(owner(1), "mina", 0).unwrap();
        assert_eq!(tickets.redeem(&ticket, 1), Some("mina"));
        assert_eq!(tickets.redeem(&ticket, 1), None);
        assert_eq!(tickets.redeem("nonsense", 1), None);
    }

    #[test]
    fn a_ticket_is_good_for_30_seconds() {
        let tickets = Tickets::new(TICKET_TTL);
        let (early, late) = (
            tickets.issue(owner(1), (), 0).unwrap(),
            tickets.issue(owner(1), (), 0).unwrap(),
        );
        assert!(tickets.redeem(&early, 29_999_999).is_some());
        assert!(tickets.redeem(&late, 30_000_000).is_none());
        assert!(
            tickets.redeem(&late, 0).is_none(),
            "and is used up by the attempt"
        );
    }

    #[test]
    fn of_two_at_once_one_is_let_in() {
        let tickets = Tickets::new(TICKET_TTL);
        let ticket = tickets.issue(owner(1), (), 0).unwrap();
        let let_in: usize = std::thread::scope(|scope| {
            let tasks: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| usize::from(tickets.redeem(&ticket, 1).is_some())))
                .collect();
            tasks.into_iter().map(|task| task.join().unwrap()).sum()
        });
        assert_eq!(let_in, 1);
    }

    #[test]
    fn one_owner_cannot_crowd_out_others() {
        let tickets = Tickets::new(TICKET_TTL);
        let other = tickets.issue(owner(2), "other", 0).unwrap();
        let first = tickets.issue(owner(1), "greedy", 0).unwrap();
        for _ in 0..MAX_TICKETS_PER_OWNER {
            tickets.issue(owner(1), "greedy", 0).unwrap();
        }
        assert_eq!(tickets.redeem(&first, 1), None);
        assert_eq!(tickets.redeem(&other, 1), Some("other"));
        assert_eq!(tickets.open.lock().tickets.len(), MAX_TICKETS_PER_OWNER);
    }

    #[test]
    fn memory_is_bounded() {
        let tickets = Tickets::new(TICKET_TTL);
        for number in 0..MAX_TICKETS as u128 + 100 {
            tickets.issue(owner(number), (), 0).unwrap();
        }
        let open = tickets.open.lock();
        assert_eq!(open.tickets.len(), MAX_TICKETS);
        assert_eq!(open.order.len(), MAX_TICKETS);
        assert_eq!(open.of_owner.len(), MAX_TICKETS);
    }

    #[test]
    fn expired_tickets_leave_nothing_behind() {
        let tickets = Tickets::new(TICKET_TTL);
        for number in 0..100 {
            tickets.issue(owner(number), (), 0).unwrap();
        }
        tickets.issue(owner(7), (), 60_000_000).unwrap();
        let open = tickets.open.lock();
        assert_eq!(
            (open.tickets.len(), open.order.len(), open.of_owner.len()),
            (1, 1, 1)
        );
    }
}
