//! A reader that stops reading is cut off in time and costs the others nothing; in every dialect
//! that shows rooms. A consultation's own sockets: `live`; what it costs: `stalled`.

use std::time::Duration;

use serde_json::Value;
use tests::{Client, Dialect, Seat, Socket, TestApp, User, eventually};
use tokio::time::Instant;

/// How long a too slow reader may stay: the close frame is tried for ten seconds.
const PATIENCE: Duration = Duration::from_secs(11);

/// How long it takes at most to say more than its queue and the kernel hold.
const FILLS: Duration = Duration::from_mins(1);

/// Messages whose deliveries are timed before anybody stops reading.
const BEFORE: usize = 300;

/// What the others' deliveries may take longer than before, beside twice the time, on a machine
/// that does other things too.
const NOISE: Duration = Duration::from_millis(50);

/// Somebody who says long things to somebody who listens; a third one is there to stop reading.
struct Talk {
    speaker: User,
    listener: Seat,
    third: Seat,
    said: usize,
}

impl Talk {
    async fn new(client: &Client, dialect: Dialect) -> Self {
        let speaker = User::new(client, "한지우").await;
        let listener = User::new(client, "이서준").await;
        let third = User::new(client, "최하늘").await;
        let room = speaker.gathers("산책", &[&listener, &third]).await;
        let seat = |user| Seat {
            dialect,
            user,
            room,
            code: None,
            counsels: false,
        };
        Self {
            speaker,
            listener: seat(listener),
            third: seat(third),
            said: 0,
        }
    }

    /// Says the next thing; how long it takes to be heard.
    async fn says(&mut self, listener: &mut Socket) -> Duration {
        let text = format!("{} {}", self.said, "가".repeat(9_000));
        self.said += 1;
        let begin = Instant::now();
        let heard = async {
            listener.expect("message").await;
            begin.elapsed()
        };
        let (_, took) = tokio::join!(self.speaker.says(&text, self.listener.room), heard);
        took
    }

    /// Which of the things said a frame tells of.
    fn number_of(&self, frame: &Value) -> usize {
        let text = self.third.told_text(frame);
        text.split(' ').next().unwrap().parse().unwrap()
    }

    /// Reads until the end; which things were heard, and the close code.
    async fn hears_to_the_end(&self, socket: &mut Socket) -> (Vec<usize>, u16) {
        let mut heard = Vec::new();
        loop {
            match socket.next().await {
                Ok(frame) if frame["type"] == "message" => heard.push(self.number_of(&frame)),
                Ok(_) => {}
                Err(code) => return (heard, code),
            }
        }
    }

    /// Comes back: everything said is heard once, in order.
    async fn resumes(&self, after: u64, mut heard: Vec<usize>) {
        assert!(heard.len() < self.said, "it was cut off");
        let mut again = self.third.returns(after).await;
        while heard.len() < self.said {
            heard.push(self.number_of(&again.expect("message").await));
        }
        assert_eq!(heard, (0..self.said).collect::<Vec<_>>());
    }
}

/// With a connection that reads as little as it can.
async fn stops_reading(seat: &Seat) -> Socket {
    let address = seat.user.client.address;
    let url = format!("ws://{address}{}", seat.socket_path());
    Socket::narrow(&url).await
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

async fn is_cut_off_at_no_cost_to_the_others(dialect: Dialect) {
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.messages_per_minute = 0").await;
    let mut talk = Talk::new(&server.client, dialect).await;
    let mut listener = talk.listener.enters().await;
    let mut before = Vec::new();
    for _ in 0..BEFORE {
        before.push(talk.says(&mut listener).await);
    }
    let missed = talk.said;
    let mut stuck = stops_reading(&talk.third).await;
    let connections = || server.app().hub.subscribers();
    eventually("they are there", || async {
        (connections() == 2).then_some(())
    })
    .await;
    let mut with = Vec::new();
    let (begin, mut too_slow_since) = (Instant::now(), None);
    while connections() == 2 {
        with.push(talk.says(&mut listener).await);
        if too_slow_since.is_none() && server.has_lost_a_slow_reader().await {
            too_slow_since = Some(Instant::now());
        }
        let stays = too_slow_since.map_or(Duration::ZERO, |since| since.elapsed());
        assert!(stays < PATIENCE, "it is still there after {stays:?}");
        let is_full = too_slow_since.is_some() || begin.elapsed() < FILLS;
        assert!(is_full, "nothing is too much for it");
    }
    assert!(too_slow_since.is_some(), "it was cut off as too slow");
    let (before, with) = (p99(before), p99(with));
    println!("p99 {before:?} before, {with:?} with it");
    assert!(
        with < before * 2 + NOISE,
        "{with:?} instead of {before:?} for the others"
    );
    let (heard, _) = talk.hears_to_the_end(&mut stuck).await;
    assert!(!heard.is_empty(), "the way there holds more than one");
    talk.resumes(stuck.position, (0..missed).chain(heard).collect())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_is_cut_off_in_time_and_the_others_notice_nothing_in_chat() {
    is_cut_off_at_no_cost_to_the_others(Dialect::Chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_is_cut_off_in_time_and_the_others_notice_nothing_in_the_feed() {
    is_cut_off_at_no_cost_to_the_others(Dialect::Feed).await;
}

/// One that reads again in time learns why it is closed.
async fn is_told_and_resumes(dialect: Dialect) {
    let more = "live.queue_bytes = \"64KiB\"\nlimits.requests_per_minute = 0\n\
        limits.messages_per_minute = 0";
    let server = TestApp::with(more).await;
    let mut talk = Talk::new(&server.client, dialect).await;
    let mut listener = talk.listener.enters().await;
    let mut slow = stops_reading(&talk.third).await;
    eventually("they are there", || async {
        (server.app().hub.subscribers() == 2).then_some(())
    })
    .await;
    let begin = Instant::now();
    while !server.has_lost_a_slow_reader().await {
        talk.says(&mut listener).await;
        assert!(begin.elapsed() < FILLS, "nothing is too much for it");
    }
    let (heard, code) = talk.hears_to_the_end(&mut slow).await;
    assert_eq!(code, 4408);
    talk.resumes(slow.position, heard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_told_so_and_resumes_without_a_gap_in_chat() {
    is_told_and_resumes(Dialect::Chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_told_so_and_resumes_without_a_gap_in_the_feed() {
    is_told_and_resumes(Dialect::Feed).await;
}
