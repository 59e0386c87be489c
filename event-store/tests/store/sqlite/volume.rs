//! Small file systems made for one test, which need root.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Whether this test can mount. Without root it fails, unless `MAEUM_TEST_NO_ROOT=1` allows to
/// leave it out, which is then said.
pub fn may_mount(test: &str) -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() == b"0" {
        return true;
    }
    assert!(
        std::env::var("MAEUM_TEST_NO_ROOT").is_ok_and(|value| value == "1"),
        "{test} mounts a file system, so it needs root; MAEUM_TEST_NO_ROOT=1 leaves it out"
    );
    println!("{test} was left out: it needs root");
    false
}

/// Mounted until it is dropped.
pub struct Volume {
    folder: TempDir,
}

impl Volume {
    /// In memory, of so many KiB.
    pub fn in_memory(kib: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(
            "mount",
            &[
                "-t",
                "tmpfs",
                "-o",
                &format!("size={kib}k"),
                "tmpfs",
                path(&folder),
            ],
        );
        Self { folder }
    }

    /// The file system in the file `image`.
    pub fn of(image: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(
            "mount",
            &["-o", "loop", image.to_str().unwrap(), path(&folder)],
        );
        Self { folder }
    }

    pub fn resize(&self, kib: u32) {
        run(
            "mount",
            &["-o", &format!("remount,size={kib}k"), path(&self.folder)],
        );
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        run("umount", &[path(&self.folder)]);
    }
}

/// A file with an empty ext4 in it.
pub fn make_image(image: &Path, mib: u64) {
    std::fs::File::create(image)
        .unwrap()
        .set_len(mib * 1024 * 1024)
        .unwrap();
    run("mkfs.ext4", &["-q", "-F", image.to_str().unwrap()]);
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{program} {arguments:?}: {status}");
}
