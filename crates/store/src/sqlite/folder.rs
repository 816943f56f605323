//! The data folder: private to its owner, and held by one store at a time through a lock on the file `lock`, which
//! the operating system lets go of however the process ends.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The empty file that says that the folder has a database.
const MARK: &str = "database-made";

/// A held data folder.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Creates the folder where it is missing (mode 0700) and holds it.
    pub(super) fn hold(path: &Path) -> Result<Self, StoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| unusable(path, &error))?;
        let lock_path = path.join("lock");
        let mut lock = open_private(&lock_path).map_err(|error| unusable(&lock_path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path, &mut lock)),
            Err(TryLockError::Error(error)) => return Err(unusable(&lock_path, &error)),
        }
        write_pid(&mut lock).map_err(|error| unusable(&lock_path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Refuses a folder whose database was there and is not: an empty one in its place would look as if all had gone well.
    pub(super) fn check_not_lost(&self, name: &str) -> Result<(), StoreError> {
        let (path, mark) = (self.path.join(name), self.path.join(MARK));
        let is_empty = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len()) == 0;
        match mark.exists() && is_empty(&path) {
            true => Err(StoreError::Missing { path, mark }),
            false => Ok(()),
        }
    }

    /// Notes that the folder has a database.
    pub(super) fn mark(&self) -> Result<(), StoreError> {
        match self.path.join(MARK).exists() {
            true => Ok(()),
            false => self.file(MARK).map(drop),
        }
    }

    /// The path of a file in the folder, created empty and private where it is missing. Its name is on disk when
    /// this returns.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, StoreError> {
        let path = self.path.join(name);
        let made = open_private(&path).and_then(|_file| File::open(&self.path)?.sync_all());
        made.map_err(|error| unusable(&path, &error))?;
        Ok(path)
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
}

/// The pid is for the reader of the error only; the lock is what holds.
fn write_pid(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.write_all(std::process::id().to_string().as_bytes())
}

fn in_use(folder: &Path, lock: &mut File) -> StoreError {
    let mut text = String::new();
    // Whatever stands there, the file is small; a foreign one is not read whole.
    let read = lock
        .rewind()
        .and_then(|()| lock.take(20).read_to_string(&mut text));
    StoreError::InUse {
        folder: folder.to_owned(),
        holder_pid: read.ok().and_then(|_length| text.trim().parse().ok()),
    }
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::StorageFull {
        return StoreError::DiskFull;
    }
    StoreError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
