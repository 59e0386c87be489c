//! `chat`: rooms over real sockets of the real server, beside one as it would be written in Node.

mod client;
mod idle;
mod packet;
mod place;
mod speech;
mod talk;
mod turn;

use crate::arguments::{ChatOptions, Common, Engine, Servers, Shape};
use crate::failure::Failure;
use crate::machine::{Machine, raise_open_files};
use crate::notes::notes;
use crate::postgres;
use crate::report::{Case, Report};
use place::Kind;

/// What it is measured beside.
const BASELINE: &str = "Node, Socket.IO and PostgreSQL";

pub async fn run(common: &Common, options: &ChatOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    raise_open_files()?;
    let kinds = kinds(options.server);
    let mut cases: Vec<Case> = Vec::new();
    for shape in &options.shape {
        match shape {
            Shape::Rooms => cases.extend(speech::rooms(common, options, kinds).await?),
            Shape::Fanout => cases.push(speech::fanout(common, options, kinds).await?),
            Shape::Idle => cases.push(idle::case(common, options, kinds).await?),
        }
    }
    let mut notes = notes(common).await?;
    if options.server == Servers::Baseline {
        notes.push(format!("this is {BASELINE} alone"));
    }
    if options.server != Servers::Maeum && common.engine == Engine::Sqlite {
        notes.push(postgres::note(common).await?);
    }
    Ok(Report {
        bench: "chat",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases,
        notes,
    })
}

/// Ours first.
fn kinds(servers: Servers) -> &'static [Kind] {
    match servers {
        Servers::Maeum => &[Kind::Maeum],
        Servers::Baseline => &[Kind::Baseline],
        Servers::Both => &[Kind::Maeum, Kind::Baseline],
    }
}
