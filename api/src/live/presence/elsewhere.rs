//! Who is at other nodes, as they tell it, and what they are told of this one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{NodeId, PersonId, RoomId};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{Presence, State};
use crate::live::{Ephemeral, Sign};

/// Something that changed at a node, or, if it says that somebody is there, how things are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Change {
    /// They have a connection to anything, or none any more.
    Online(PersonId, bool),
    /// They have a connection to a room, or none any more.
    Here(RoomId, PersonId, bool),
    /// They type or still do, or have stopped to. It is not kept: it ends by itself.
    Typing(RoomId, PersonId, bool),
}

impl Change {
    /// What is so while this is: that somebody is there. None for what is not kept.
    pub fn state(self) -> Option<(Self, bool)> {
        match self {
            Self::Online(person, is) => Some((Self::Online(person, true), is)),
            Self::Here(room, person, is) => Some((Self::Here(room, person, true), is)),
            Self::Typing(..) => None,
        }
    }
}

/// What is known of other nodes, and the way to them.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// How things are at each of them.
    nodes: HashMap<NodeId, HashSet<Change>>,
    way: Option<mpsc::Sender<Change>>,
    /// There was more to tell than the way takes: others have to be told everything anew.
    lost: bool,
}

impl Elsewhere {
    /// What changed here. It is told in the order of these calls.
    pub fn tell(&mut self, change: Change) {
        if let Some(way) = &self.way
            && way.try_send(change).is_err()
        {
            self.lost = true;
        }
    }
}

impl Presence {
    /// What changes at this node comes out here from now on, at most `limit` at a time.
    pub(super) fn changes(&self, limit: usize) -> mpsc::Receiver<Change> {
        let (way, changes) = mpsc::channel(limit);
        self.state.lock().elsewhere.way = Some(way);
        changes
    }

    /// Whether changes were lost since all were last asked for.
    pub(super) fn has_lost_changes(&self) -> bool {
        self.state.lock().elsewhere.lost
    }

    /// How things are at this node. What came out of `changes` before is in it, what comes after is
    /// not.
    pub(super) fn ours(&self, changes: &mut mpsc::Receiver<Change>) -> Vec<Change> {
        let mut state = self.state.lock();
        while changes.try_recv().is_ok() {}
        state.elsewhere.lost = false;
        let online = state.online.ours();
        let online = online.map(|person| Change::Online(person, true));
        let here = state.here.ours();
        online
            .chain(here.map(|(room, person)| Change::Here(room, person, true)))
            .collect()
    }

    /// Another node tells of changes.
    pub(super) async fn changed_at(self: &Arc<Self>, node: NodeId, changes: Vec<Change>) {
        for change in changes {
            if let Change::Typing(room, person, is_typing) = change {
                self.types((room, person), is_typing, None).await;
            } else {
                let is_news = self.state.lock().changes_at(node, change);
                if is_news {
                    self.tell_change(change).await;
                }
            }
        }
    }

    /// How things are at another node, whatever was known of it.
    pub(super) async fn stands_at(self: &Arc<Self>, node: NodeId, now: HashSet<Change>) {
        let changes = {
            let state = self.state.lock();
            let before = state.elsewhere.nodes.get(&node);
            let came = now.iter().copied();
            let came = came.filter(|one| before.is_none_or(|before| !before.contains(one)));
            let went = before.into_iter().flatten().copied();
            let went = went.filter(|one| !now.contains(one)).map(gone);
            came.chain(went).collect()
        };
        self.changed_at(node, changes).await;
    }

    /// Another node is no more, or is not heard of any more.
    pub(super) async fn is_gone(self: &Arc<Self>, node: NodeId) {
        self.stands_at(node, HashSet::new()).await;
        self.state.lock().elsewhere.nodes.remove(&node);
    }

    async fn tell_change(&self, change: Change) {
        match change {
            Change::Online(person, is) => self.tell_online(person, is).await,
            Change::Here(room, person, is) => {
                let sign = Sign::Here(is);
                self.tell(Ephemeral { room, person, sign }).await;
            }
            Change::Typing(..) => {}
        }
    }
}

impl State {
    /// Takes note of a change at another node. Whether it is one for all.
    fn changes_at(&mut self, node: NodeId, change: Change) -> bool {
        let Some((state, is)) = change.state() else {
            return false;
        };
        let known = self.elsewhere.nodes.entry(node).or_default();
        let is_news = if is {
            known.insert(state)
        } else {
            known.remove(&state)
        };
        is_news
            && match (state, is) {
                (Change::Online(person, _), true) => self.online.another_node(person),
                (Change::Online(person, _), false) => self.online.one_node_less(&person),
                (Change::Here(room, person, _), true) => self.here.another_node((room, person)),
                (Change::Here(room, person, _), false) => self.here.one_node_less(&(room, person)),
                (Change::Typing(..), _) => false,
            }
    }
}

/// That what is so is no longer.
fn gone(state: Change) -> Change {
    match state {
        Change::Online(person, _) => Change::Online(person, false),
        Change::Here(room, person, _) => Change::Here(room, person, false),
        Change::Typing(room, person, _) => Change::Typing(room, person, false),
    }
}
