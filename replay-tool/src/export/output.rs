//! Where exported lines go: standard output, or a file that appears when it is complete.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::scratch::is_live;

pub enum Output {
    Standard(BufWriter<StdoutLock<'static>>),
    File {
        target: PathBuf,
        unfinished: PathBuf,
        writer: BufWriter<File>,
    },
}

impl Output {
    /// Refuses a file that is there already. What an interrupted export left is replaced.
    pub fn begin(into: Option<&Path>, live: &[PathBuf]) -> Result<Self, Failure> {
        let Some(target) = into else {
            return Ok(Self::Standard(BufWriter::new(io::stdout().lock())));
        };
        let refused = |problem: &str| refused(target, problem);
        let Some(name) = target.file_name() else {
            return Err(refused("is not a file's name"));
        };
        if is_live(live, target) || target.exists() {
            return Err(refused("is there already; name another file"));
        }
        let mut unfinished = OsString::from(name);
        unfinished.push(".unfinished");
        let unfinished = target.with_file_name(unfinished);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)
            .map_err(|cause| refused(&cause.to_string()))?;
        Ok(Self::File {
            target: target.to_owned(),
            unfinished,
            writer: BufWriter::new(file),
        })
    }

    pub fn line(&mut self, line: &str) -> Result<(), Failure> {
        let writer: &mut dyn Write = match self {
            Self::Standard(writer) => writer,
            Self::File { writer, .. } => writer,
        };
        writer
            .write_all(line.as_bytes())
            .and_then(|()| writer.write_all(b"\n"))
            .map_err(|cause| self.failure(&cause))
    }

    /// Hands everything on; a file is on disk, and at its place, on return.
    pub fn finish(mut self) -> Result<(), Failure> {
        let finished = match &mut self {
            Self::Standard(writer) => writer.flush(),
            Self::File {
                target,
                unfinished,
                writer,
            } => writer
                .flush()
                .and_then(|()| writer.get_ref().sync_all())
                .and_then(|()| fs::rename(&*unfinished, &*target))
                .and_then(|()| sync_folder_of(target)),
        };
        finished.map_err(|cause| self.failure(&cause))
    }

    fn failure(&self, cause: &io::Error) -> Failure {
        match self {
            Self::Standard(_) => Failure::Report(cause.to_string()),
            Self::File { target, .. } => refused(target, &cause.to_string()),
        }
    }
}

/// A new name is on disk only when its folder is.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn refused(target: &Path, problem: &str) -> Failure {
    Failure::Scratch {
        path: target.to_owned(),
        problem: problem.to_owned(),
    }
}
