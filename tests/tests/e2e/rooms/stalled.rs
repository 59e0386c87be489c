//! What connections cost that read nothing more: memory, in every dialect that shows rooms.

use futures_util::future::join_all;
use tests::{Dialect, Meeting, Place, Process, Seat, Socket};

/// Rooms, each with somebody in it who reads nothing more: what one of them costs would not be
/// seen beside what the allocator takes and gives back.
const ROOMS: usize = 12;

/// What somebody who reads nothing more may cost, in KiB.
const MAX_COST_KIB: u64 = 2 * 1024;

/// Things said in each room between two looks at the memory.
const PER_ROUND: usize = 10;

/// Rounds that need no more memory than those before, after which the server has what its stores
/// and caches take.
const QUIET_ROUNDS: usize = 8;

/// What such a round may need more, in KiB.
const QUIET_KIB: u64 = 1024;

/// Rounds at most until it is so.
const WARM_UP: usize = 120;

/// Rounds at most until all are cut off who read nothing more.
const UNTIL_CUT_OFF: usize = 60;

/// A server in which people talk in many rooms at once.
struct Talks {
    server: Process,
    rooms: Vec<Meeting>,
}

impl Talks {
    async fn new(place: &Place, dialect: Dialect) -> Self {
        let more = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";
        let server = Process::start(place, more).await;
        let mut rooms = Vec::new();
        for _ in 0..ROOMS {
            rooms.push(match dialect {
                Dialect::Consultation => Meeting::consultation(&server.client).await,
                Dialect::Chat | Dialect::Feed => Meeting::group(&server.client).await,
            });
        }
        Self { server, rooms }
    }

    /// One of each room says long things, to whoever is there; the most memory seen meanwhile.
    async fn round(&self) -> u64 {
        let text = "가".repeat(9_000);
        let mut most = 0;
        for _ in 0..PER_ROUND {
            let said = |meeting: &Meeting| {
                let (speaker, room, text) = (meeting.people[0].clone(), meeting.room, &text);
                async move { speaker.says(text, room).await }
            };
            join_all(self.rooms.iter().map(said)).await;
            most = most.max(self.server.resident_kib());
        }
        most
    }

    /// The most memory that is needed while everybody reads, or nobody is there to read.
    async fn settles(&self) -> u64 {
        let (mut most, mut quiet) = (0, 0);
        for round in 0..WARM_UP {
            let next = self.round().await;
            println!("{round}: {next} KiB");
            quiet = if next > most + QUIET_KIB {
                0
            } else {
                quiet + 1
            };
            most = most.max(next);
            if quiet == QUIET_ROUNDS {
                return most;
            }
        }
        panic!("what the server needs does not settle: {most} KiB");
    }

    /// The other one of each room comes, and takes as little as they can.
    async fn stop_reading(&self, dialect: Dialect) -> Vec<Socket> {
        let address = self.server.client.address;
        let stopped = self.rooms.iter().map(|meeting| async move {
            let seat: Seat = meeting.seat(1, dialect);
            Socket::narrow(&format!("ws://{address}{}", seat.socket_path())).await
        });
        join_all(stopped).await
    }

    /// How many have been too slow so far.
    async fn cut_off(&self) -> usize {
        let metrics = self.server.client.get("/metrics", None).await.body;
        let mut lines = metrics.as_str().unwrap().lines();
        let name = "maeum_connections_too_slow_total ";
        let count = lines.find_map(|line| line.strip_prefix(name));
        count.map_or(0, |count| count.parse().unwrap())
    }
}

async fn costs_little(dialect: Dialect) {
    let place = Place::new().await;
    let talks = Talks::new(&place, dialect).await;
    let before = talks.settles().await;
    let stuck = talks.stop_reading(dialect).await;
    let bound = MAX_COST_KIB * stuck.len() as u64;
    for _ in 0..UNTIL_CUT_OFF {
        let grown = talks.round().await.saturating_sub(before);
        println!("{grown} KiB more");
        assert!(grown < bound, "{grown} KiB more for {ROOMS} of them");
        if talks.cut_off().await == stuck.len() {
            return;
        }
    }
    panic!("nothing is too much for them");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_read_nothing_more_cost_little_memory_in_chat() {
    costs_little(Dialect::Chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_read_nothing_more_cost_little_memory_in_the_feed() {
    costs_little(Dialect::Feed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_read_nothing_more_cost_little_memory_in_consultations() {
    costs_little(Dialect::Consultation).await;
}
