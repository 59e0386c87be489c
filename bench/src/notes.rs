//! What a reader must know of disk and server to quote figures.

use crate::arguments::{Common, Engine};
use crate::failure::Failure;
use crate::log::folder;
use crate::postgres;

/// One sentence each.
pub async fn notes(common: &Common) -> Result<Vec<String>, Failure> {
    Ok(match common.engine {
        Engine::Sqlite => disk(common)?.into_iter().collect(),
        Engine::Postgres => vec![postgres::note(common).await?],
    })
}

fn disk(common: &Common) -> Result<Option<String>, Failure> {
    /// `TMPFS_MAGIC` of Linux.
    const TMPFS: u64 = 0x0102_1994;
    let folder = folder(common)?;
    let file_system = rustix::fs::statfs(folder.path()).map_err(std::io::Error::from)?;
    let in_memory = u64::try_from(file_system.f_type).is_ok_and(|kind| kind == TMPFS);
    Ok(in_memory.then(|| {
        "the files are in memory, where a flush costs nothing: NOT DURABLE, use --folder".into()
    }))
}
