//! The cases in which something is said: many rooms, and one sender in a large one.

use std::time::Duration;

use super::BASELINE;
use super::client::Client;
use super::place::{Kind, Layout, Place};
use super::talk::{Pace, Talked, talk};
use crate::arguments::{ChatOptions, Common};
use crate::failure::Failure;
use crate::latency::Latencies;
use crate::meter::Meter;
use crate::report::{Case, Measured, Run};

/// Said before anything is measured: compilers at run time warm up, caches fill.
const WARM_UP: Duration = Duration::from_secs(2);

/// Most members of a room; more listeners are further sockets of the same people.
const MOST_MEMBERS: usize = 100;

/// A server with everyone at their sockets.
struct Hall {
    place: Place,
    rooms: usize,
    clients: Vec<Client>,
}

/// One measurement at one server.
struct Spoken {
    measured: Measured,
    deliveries: f64,
    answered: Latencies,
    server_us: f64,
    clients_us: f64,
}

pub async fn rooms(
    common: &Common,
    options: &ChatOptions,
    kinds: &[Kind],
) -> Result<Vec<Case>, Failure> {
    let (rooms, members) = (options.rooms, options.members);
    let layout = Layout { rooms, members };
    let mut halls = Vec::new();
    for &kind in kinds {
        let warm_up = Pace::Answered { senders: 64 };
        halls.push(Hall::open(kind, common, options, layout, 1, warm_up).await?);
    }
    let answered = options.senders.iter().map(|&senders| {
        let name = format!("{senders} senders, {rooms} rooms of {members}");
        (name, Pace::Answered { senders })
    });
    let offered = options.offered.iter().map(|&per_second| {
        let name = format!("{per_second} offered/s, {rooms} of {members}");
        (name, Pace::Offered { per_second })
    });
    let mut cases = Vec::new();
    for (name, pace) in answered.chain(offered) {
        let mut runs = Vec::new();
        for _ in 0..common.runs {
            let mut spoken = Vec::new();
            for hall in &mut halls {
                spoken.push(hall.talk(pace, common.seconds).await?);
            }
            runs.push(run(&spoken, |spoken| spoken.measured));
        }
        cases.push(Case::of(name, "messages/s", &runs));
    }
    Ok(cases)
}

pub async fn fanout(
    common: &Common,
    options: &ChatOptions,
    kinds: &[Kind],
) -> Result<Case, Failure> {
    let members = options.listeners.min(MOST_MEMBERS);
    let each = options.listeners.div_ceil(members);
    let layout = Layout { rooms: 1, members };
    let window = options.window;
    let pace = Pace::Windowed { window };
    let mut halls = Vec::new();
    for &kind in kinds {
        halls.push(Hall::open(kind, common, options, layout, each, pace).await?);
    }
    let mut runs = Vec::new();
    for _ in 0..common.runs {
        let mut spoken = Vec::new();
        for hall in &mut halls {
            spoken.push(hall.talk(pace, common.seconds).await?);
        }
        runs.push(run(&spoken, |spoken| Measured {
            rate: spoken.deliveries,
            ..spoken.measured
        }));
    }
    let sockets = members * each;
    let name = format!("one sender to {sockets} sockets");
    Ok(Case::of(name, "deliveries/s", &runs))
}

impl Hall {
    async fn open(
        kind: Kind,
        common: &Common,
        options: &ChatOptions,
        layout: Layout,
        each: usize,
        warm_up: Pace,
    ) -> Result<Self, Failure> {
        let place = Place::open(kind, common, options, layout).await?;
        let rooms = layout.rooms;
        let clients = place.enter(rooms * layout.members * each).await?;
        let mut hall = Self {
            place,
            rooms,
            clients,
        };
        hall.talk(warm_up, WARM_UP.min(common.seconds)).await?;
        Ok(hall)
    }

    async fn talk(&mut self, pace: Pace, seconds: Duration) -> Result<Spoken, Failure> {
        let server = &self.place.server;
        let (used, meter) = (server.processor_time()?, Meter::start()?);
        let clients = std::mem::take(&mut self.clients);
        let talked = talk(clients, self.rooms, pace, seconds).await?;
        let (ours, used) = (meter.read()?, server.processor_time()?.saturating_sub(used));
        let Talked {
            clients,
            took,
            messages,
            deliveries,
            heard,
            answered,
        } = talked;
        self.clients = clients;
        let each = |spent: Duration, count| 1e6 / Measured::rate(count, spent).rate;
        Ok(Spoken {
            measured: Measured::rate(messages, took).with(&heard),
            deliveries: Measured::rate(deliveries, took).rate,
            answered,
            server_us: each(used, messages),
            clients_us: each(ours.processors, deliveries),
        })
    }
}

/// The first server's figures, and the other's beside them.
fn run(spoken: &[Spoken], measured: fn(&Spoken) -> Measured) -> Run {
    let mut run = Run::default();
    let Some((ours, others)) = spoken.split_first() else {
        return run;
    };
    run.ours = measured(ours);
    run.also = vec![
        ("messages/s", ours.measured.rate),
        ("deliveries/s", ours.deliveries),
        ("ms to the answer, p50", ours.answered.percentile(50.0)),
        ("ms to the answer, p99", ours.answered.percentile(99.0)),
        ("µs of the server's processors a message", ours.server_us),
        ("µs of the clients' processors a delivery", ours.clients_us),
    ];
    for other in others {
        run.beside.push((BASELINE, measured(other)));
        let p99 = |spoken: &Spoken| spoken.measured.p99_ms.unwrap_or_default();
        run.also.extend([
            ("of the baseline's p99 to others", p99(ours) / p99(other)),
            (
                "of the baseline's p99 to the answer",
                ours.answered.percentile(99.0) / other.answered.percentile(99.0),
            ),
            ("the baseline: deliveries/s", other.deliveries),
            (
                "the baseline: ms to the answer, p50",
                other.answered.percentile(50.0),
            ),
            (
                "the baseline: ms to the answer, p99",
                other.answered.percentile(99.0),
            ),
            (
                "the baseline: µs of Node's processors a message",
                other.server_us,
            ),
            (
                "the baseline: µs of the clients' processors a delivery",
                other.clients_us,
            ),
        ]);
    }
    run
}
