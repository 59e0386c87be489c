//! `live`: consultations over real sockets, beside a bare broadcast on the same machine.

mod idle;
mod setup;
mod talk;

use std::path::Path;

use crate::arguments::{Common, LiveOptions};
use crate::failure::Failure;
use crate::machine::{Machine, raise_open_files};
use crate::notes::notes;
use crate::report::{Case, Measured, Report, Run};
use crate::server::{self, Server};
use crate::socket::Socket;
use setup::{Consultation, Setup};

/// Consultations over which idle sockets are spread.
const IDLE_CONSULTATIONS: usize = 50;

/// What it is measured beside.
const BARE: &str = "a bare broadcast";

pub async fn run(common: &Common, options: &LiveOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    raise_open_files()?;
    let program = server::program(options.server.as_deref())?;
    let mut cases = Vec::new();
    if options.idle > 0 {
        let mut runs = Vec::new();
        for _ in 0..common.runs {
            runs.push(idle(common, options, &program).await?);
        }
        let name = format!("{} idle sockets", options.idle);
        cases.push(Case::of(name, "KiB a socket", &runs));
    }
    if !options.senders.is_empty() {
        cases.extend(talk(common, options, &program).await?);
    }
    Ok(Report {
        bench: "live",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases,
        notes: notes(common).await?,
    })
}

/// One real and one bare server, and the same clients at both in turn.
async fn talk(
    common: &Common,
    options: &LiveOptions,
    program: &Path,
) -> Result<Vec<Case>, Failure> {
    let most = options.senders.iter().copied().max().unwrap_or(0);
    let consultations = options.consultations.max(most.div_ceil(2));
    let real = Server::fresh(common, program).await?;
    let entries = Setup::new(&real).consultations(consultations).await?;
    let mut at_real = Vec::new();
    for Consultation { user, counselor } in &entries {
        for path in [user, counselor] {
            let mut socket = Socket::connect(real.address, path).await?;
            socket.expect("status").await?;
            at_real.push(socket);
        }
    }
    let bare = Server::bare().await?;
    let mut at_bare = Vec::new();
    for place in 0..2 * consultations {
        at_bare.push(Socket::connect(bare.address, &format!("/ws/{}", place / 2)).await?);
    }
    let mut cases = Vec::new();
    for &senders in &options.senders {
        let mut runs = Vec::new();
        for _ in 0..common.runs {
            let used = real.processor_time()?;
            let ours = talk::talk(at_real, senders, common.seconds).await?;
            let used = real.processor_time()?.saturating_sub(used);
            let plain = talk::talk(at_bare, senders, common.seconds).await?;
            (at_real, at_bare) = (ours.sockets, plain.sockets);
            let messages = u32::try_from(ours.messages.max(1)).unwrap_or(u32::MAX);
            runs.push(Run {
                ours: ours.measured,
                beside: vec![(BARE, plain.measured)],
                also: vec![
                    ("deliveries/s", 2.0 * ours.measured.rate),
                    (
                        "µs of the server's processors a message",
                        used.as_secs_f64() * 1e6 / f64::from(messages),
                    ),
                ],
            });
        }
        let name = format!("{senders} senders, {consultations} consultations");
        cases.push(Case::of(name, "messages/s", &runs));
    }
    Ok(cases)
}

/// Servers of their own for every run: memory that was freed would hide what is taken.
async fn idle(common: &Common, options: &LiveOptions, program: &Path) -> Result<Run, Failure> {
    let real = Server::fresh(common, program).await?;
    let entries = Setup::new(&real).consultations(IDLE_CONSULTATIONS).await?;
    let paths: Vec<String> = entries.into_iter().map(|entry| entry.user).collect();
    let ours = idle::kib_of_each(&real, &paths, options.idle, Some("status")).await?;
    drop(real);
    let bare = Server::bare().await?;
    let paths: Vec<String> = (0..IDLE_CONSULTATIONS)
        .map(|room| format!("/ws/{room}"))
        .collect();
    let plain: Measured = idle::kib_of_each(&bare, &paths, options.idle, None).await?;
    Ok(Run {
        ours,
        beside: vec![(BARE, plain)],
        also: Vec::new(),
    })
}
