//! A backup of the log of a server of a test.

use std::path::PathBuf;

use crate::Place;

/// The log as it was once. On PostgreSQL it is kept beside it, one for each place.
pub struct KeptLog(Vec<(PathBuf, Vec<u8>)>);

impl Place {
    /// Keeps the log of a server that is down.
    pub async fn keep_log(&self) -> KeptLog {
        if let Some(database) = self.database() {
            let keep = "CREATE TABLE public.kept_events AS SELECT * FROM events";
            database.execute(keep).await;
            return KeptLog(Vec::new());
        }
        let files = self.files_of_log().into_iter();
        KeptLog(
            files
                .map(|path| {
                    let bytes = std::fs::read(&path).unwrap();
                    (path, bytes)
                })
                .collect(),
        )
    }

    /// Puts it in place of what a server that is down has.
    pub async fn put_log_back(&self, kept: &KeptLog) {
        if let Some(database) = self.database() {
            let put_back = "TRUNCATE events; INSERT INTO events SELECT * FROM public.kept_events";
            database.execute(put_back).await;
            return;
        }
        for path in self.files_of_log() {
            std::fs::remove_file(path).unwrap();
        }
        for (path, bytes) in &kept.0 {
            std::fs::write(path, bytes).unwrap();
        }
    }

    fn files_of_log(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.data()).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap();
                name.to_string_lossy().starts_with("events.db")
            })
            .collect()
    }
}
