//! A backup of the key store of a server of a test.

use std::path::PathBuf;

use crate::Place;

/// The key store as it was once. On PostgreSQL it is kept beside it, one for each place.
pub struct KeptKeys(Vec<(PathBuf, Vec<u8>)>);

impl Place {
    /// Keeps the keys of a server that is down.
    pub async fn keep_keys(&self) -> KeptKeys {
        if let Some(database) = self.key_database() {
            let keep = "CREATE TABLE public.kept_keys AS SELECT * FROM keys.keys";
            database.execute(keep).await;
            return KeptKeys(Vec::new());
        }
        let files = self.files_of_keys().into_iter();
        KeptKeys(
            files
                .map(|path| {
                    let bytes = std::fs::read(&path).unwrap();
                    (path, bytes)
                })
                .collect(),
        )
    }

    /// Puts them in place of what a server that is down has.
    pub async fn put_keys_back(&self, kept: KeptKeys) {
        if let Some(database) = self.key_database() {
            let put_back = "TRUNCATE keys.keys; \
                            INSERT INTO keys.keys SELECT * FROM public.kept_keys";
            database.execute(put_back).await;
            return;
        }
        for path in self.files_of_keys() {
            std::fs::remove_file(path).unwrap();
        }
        for (path, bytes) in kept.0 {
            std::fs::write(path, bytes).unwrap();
        }
    }

    fn files_of_keys(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.data()).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap();
                name.to_string_lossy().starts_with("keys.db")
            })
            .collect()
    }
}
