//! The queue of one connection, bounded in bytes. Full means closed: nothing is dropped silently.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::{Ended, Frame, Wave};

/// Places for frames that an empty queue keeps.
const KEPT_CAPACITY: usize = 32;

/// What a frame costs in memory beside its bytes, which it may share with other queues.
const FRAME_OVERHEAD_BYTES: usize = 64;

/// What the connection is to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Send(Frame),
    Close(Ended),
}

struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
    ended: Option<Ended>,
    /// The connection still reads what it missed: ephemeral frames are of no use to it.
    catching_up: bool,
    /// Something was taken that may not have gone out yet.
    in_flight: bool,
    /// The wave waits for this connection to run.
    awaited: bool,
}

impl Queue {
    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= cost(&frame);
        self.in_flight = true;
        // What a burst needed is given back.
        if self.frames.is_empty() && self.frames.capacity() > KEPT_CAPACITY {
            self.frames = VecDeque::new();
        }
        Some(frame)
    }

    fn clear(&mut self) {
        self.frames = VecDeque::new();
        self.bytes = 0;
    }
}

/// What it takes of a queue's bound.
fn cost(frame: &Frame) -> usize {
    frame.text.len() + FRAME_OVERHEAD_BYTES
}

/// The outgoing queue of one connection.
pub struct Outbox {
    queue: Mutex<Queue>,
    changed: Notify,
    /// Told when all that was queued went out.
    emptied: Notify,
    /// The connection is to end, and nothing is left to send.
    over: Notify,
    max_bytes: usize,
    wave: Arc<Wave>,
}

impl Outbox {
    /// A queue for a connection that catches up first. `max_bytes` bounds what waits in it; the
    /// wave waits for the connection to run when it was woken.
    pub fn new(max_bytes: usize, wave: Arc<Wave>) -> Self {
        let queue = Queue {
            frames: VecDeque::new(),
            bytes: 0,
            ended: None,
            catching_up: true,
            in_flight: false,
            awaited: false,
        };
        Self {
            queue: Mutex::new(queue),
            changed: Notify::new(),
            emptied: Notify::new(),
            over: Notify::new(),
            max_bytes,
            wave,
        }
    }

    /// Waits until all that was queued went out, or the connection is to end. Cancel-safe.
    pub async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            {
                let queue = self.queue.lock();
                let gone = queue.frames.is_empty() && !queue.in_flight;
                if gone || queue.ended.is_some() {
                    return;
                }
            }
            emptied.await;
        }
    }

    /// Queues a frame. Where it does not fit, the connection ends as too slow.
    pub fn push(&self, frame: Frame) {
        if self.put(frame) {
            self.wake();
        }
    }

    /// Queues a frame as [`push`](Self::push) does, and leaves the waking to the caller: whether
    /// the connection has to be woken. Woken once it sends all that was queued meanwhile at once.
    pub fn put(&self, frame: Frame) -> bool {
        let mut queue = self.queue.lock();
        if queue.ended.is_some() || (frame.ephemeral && queue.catching_up) {
            return false;
        }
        let cost = cost(&frame);
        if queue.bytes + cost > self.max_bytes {
            queue.clear();
            queue.ended = Some(Ended::TooSlow);
            self.over.notify_waiters();
            metrics::counter!("maeum_connections_too_slow_total").increment(1);
            return true;
        }
        queue.bytes += cost;
        queue.frames.push_back(frame);
        // With more in the queue it has been woken, or is about to be.
        queue.frames.len() == 1
    }

    /// Has the connection look at its queue.
    pub fn wake(&self) {
        let mut queue = self.queue.lock();
        // Who is held up by a peer that does not read, or by what was missed, holds up nobody.
        if !(queue.awaited || queue.in_flight || queue.catching_up) {
            queue.awaited = true;
            self.wave.woken();
        }
        drop(queue);
        self.changed.notify_one();
    }

    /// Ends the connection once what is queued has been sent. The first reason stays.
    pub fn close(&self, ended: Ended) {
        let mut queue = self.queue.lock();
        queue.ended.get_or_insert(ended);
        self.say_if_over(&queue);
        drop(queue);
        self.changed.notify_one();
        self.emptied.notify_waiters();
    }

    /// Ends the connection at once: what is queued is not sent, since the right to it is gone.
    pub fn revoke(&self, ended: Ended) {
        let mut queue = self.queue.lock();
        queue.clear();
        queue.ended = Some(ended);
        self.say_if_over(&queue);
        drop(queue);
        self.changed.notify_one();
        self.emptied.notify_waiters();
    }

    fn say_if_over(&self, queue: &Queue) {
        if queue.ended.is_some() && queue.frames.is_empty() {
            self.over.notify_waiters();
        }
    }

    /// From now on ephemeral frames are queued as well.
    pub fn caught_up(&self) {
        self.queue.lock().catching_up = false;
    }

    /// Whether the connection is to end now, whatever is still queued.
    pub fn is_overrun(&self) -> Option<Ended> {
        let queue = self.queue.lock();
        queue.ended.filter(|_| queue.frames.is_empty())
    }

    /// Whether all that was queued went out, with nothing thrown away.
    pub fn is_drained(&self) -> bool {
        let queue = self.queue.lock();
        let thrown_away = matches!(queue.ended, Some(Ended::TooSlow | Ended::NotAuthenticated));
        queue.frames.is_empty() && !queue.in_flight && !thrown_away
    }

    /// Waits until the connection is to end with nothing left to send.
    pub async fn overrun(&self) -> Ended {
        loop {
            let over = self.over.notified();
            if let Some(ended) = self.is_overrun() {
                return ended;
            }
            over.await;
        }
    }

    /// The next frame, or the end once everything has been sent. Whoever asks has sent all that it
    /// took before. Cancel-safe.
    pub async fn next(&self) -> Next {
        loop {
            let changed = self.changed.notified();
            {
                let mut queue = self.look();
                if let Some(frame) = queue.pop() {
                    return Next::Send(frame);
                }
                if let Some(ended) = queue.ended {
                    return Next::Close(ended);
                }
            }
            self.emptied.notify_waiters();
            changed.await;
        }
    }

    /// Waits until there is [more](Self::more). Whoever asks has sent all that it took before.
    /// Cancel-safe.
    pub async fn filled(&self) {
        loop {
            let changed = self.changed.notified();
            if !self.look().frames.is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// What was taken has gone out, and the connection has run since it was woken.
    fn look(&self) -> MutexGuard<'_, Queue> {
        let mut queue = self.queue.lock();
        queue.in_flight = false;
        if std::mem::take(&mut queue.awaited) {
            self.wave.ran();
        }
        queue
    }

    /// A frame that waits already, to go out together with the one before.
    pub fn more(&self) -> Option<Frame> {
        let mut queue = self.queue.lock();
        let frame = queue.pop();
        self.say_if_over(&queue);
        frame
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.lock().frames.is_empty()
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        if self.queue.get_mut().awaited {
            self.wave.ran();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(max_bytes: usize) -> Outbox {
        Outbox::new(max_bytes, Arc::default())
    }

    fn frame(text: &str) -> Frame {
        Frame {
            text: text.into(),
            ephemeral: false,
            message: None,
        }
    }

    #[tokio::test]
    async fn a_full_queue_ends_the_connection_as_too_slow() {
        let outbox = outbox(2 * (1 + FRAME_OVERHEAD_BYTES));
        outbox.push(frame("a"));
        outbox.push(frame("b"));
        assert!(outbox.put(frame("c")), "it has to learn of its end");
        assert_eq!(outbox.next().await, Next::Close(Ended::TooSlow));
    }

    #[tokio::test]
    async fn only_a_queue_that_was_empty_has_to_be_woken_for() {
        let outbox = outbox(1_000);
        assert!(outbox.put(frame("a")));
        assert!(!outbox.put(frame("b")));
        assert_eq!(outbox.next().await, Next::Send(frame("a")));
        assert_eq!(outbox.more(), Some(frame("b")));
        assert_eq!(outbox.more(), None);
        assert!(outbox.put(frame("c")));
    }

    #[tokio::test]
    async fn what_was_taken_counts_as_sent_when_the_next_is_asked_for() {
        let outbox = outbox(1_000);
        assert!(outbox.is_drained());
        outbox.push(frame("a"));
        assert!(!outbox.is_drained());
        outbox.next().await;
        assert!(!outbox.is_drained(), "it may not have gone out");
        outbox.close(Ended::GoingDown);
        outbox.next().await;
        assert!(outbox.is_drained());
    }

    #[tokio::test]
    async fn whoever_waits_for_an_empty_queue_waits_until_it_went_out_or_is_at_its_end() {
        let outbox = Arc::new(outbox(1_000));
        outbox.emptied().await;
        outbox.push(frame("a"));
        let waiting = Arc::clone(&outbox);
        let emptied = tokio::spawn(async move { waiting.emptied().await });
        outbox.next().await;
        tokio::task::yield_now().await;
        assert!(!emptied.is_finished(), "it may not have gone out");
        let sending = Arc::clone(&outbox);
        let next = tokio::spawn(async move { sending.next().await });
        emptied.await.unwrap();
        outbox.push(frame("b"));
        assert_eq!(next.await.unwrap(), Next::Send(frame("b")));
        let waiting = Arc::clone(&outbox);
        let ended = tokio::spawn(async move { waiting.emptied().await });
        tokio::task::yield_now().await;
        outbox.revoke(Ended::TooSlow);
        ended.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_queued_is_sent_before_the_end() {
        let outbox = outbox(1_000);
        outbox.push(frame("a"));
        outbox.close(Ended::NotAllowed);
        outbox.push(frame("b"));
        assert_eq!(outbox.next().await, Next::Send(frame("a")));
        assert_eq!(outbox.next().await, Next::Close(Ended::NotAllowed));
    }

    #[tokio::test]
    async fn a_revoked_connection_gets_nothing_more() {
        let outbox = outbox(1_000);
        outbox.push(frame("a"));
        outbox.revoke(Ended::NotAuthenticated);
        assert_eq!(outbox.next().await, Next::Close(Ended::NotAuthenticated));
    }

    #[tokio::test]
    async fn ephemeral_frames_wait_for_nobody_who_catches_up() {
        let outbox = outbox(1_000);
        outbox.push(Frame {
            text: "typing".into(),
            ephemeral: true,
            message: None,
        });
        outbox.caught_up();
        outbox.push(Frame {
            text: "online".into(),
            ephemeral: true,
            message: None,
        });
        assert_eq!(
            outbox.next().await,
            Next::Send(Frame {
                text: "online".into(),
                ephemeral: true,
                message: None,
            })
        );
    }

    #[tokio::test]
    async fn who_was_woken_is_waited_for_until_they_have_run_or_are_gone() {
        let wave = Arc::<Wave>::default();
        let (runs, goes) = (
            Outbox::new(1_000, Arc::clone(&wave)),
            Outbox::new(1_000, Arc::clone(&wave)),
        );
        for outbox in [&runs, &goes] {
            outbox.caught_up();
            outbox.push(frame("a"));
            outbox.wake();
        }
        assert_eq!(wave.outstanding(), 2);
        runs.next().await;
        assert_eq!(wave.outstanding(), 1);
        drop(goes);
        assert_eq!(wave.outstanding(), 0);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_connection_that_is_held_up() {
        let wave = Arc::<Wave>::default();
        let outbox = Outbox::new(1_000, Arc::clone(&wave));
        outbox.push(frame("it reads first what it missed"));
        assert_eq!(wave.outstanding(), 0);
        outbox.caught_up();
        outbox.next().await;
        outbox.push(frame("the one before has not gone out"));
        assert_eq!(wave.outstanding(), 0);
    }
}
