//! Which of some files have changed. Their folders are watched, because editors put another file in a file's place; and the files
//! are looked at now and then all the same, because not every file system tells (network shares, folders of a container's host).

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;

/// How long nothing may happen before a file counts as written to its end.
const QUIET: Duration = Duration::from_millis(20);

/// How long a file that is written to all the time is waited for.
const QUIET_WAITED_MAX: Duration = Duration::from_millis(100);

/// How often files are looked at when nobody tells of them.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A watch over files.
pub(super) struct Watch {
    files: Vec<File>,
    told: Receiver<Instant>,
    folders: Folders,
}

/// The folders that are watched. Without a watcher nobody tells.
struct Folders {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

/// Files that changed, by their numbers, and when that was heard of.
pub(super) struct Changed {
    pub(super) since: Instant,
    pub(super) files: Vec<usize>,
}

struct File {
    path: PathBuf,
    seen: Option<Stamp>,
    /// Whether it was not there when it was last looked for: an editor may be about to put another in its place.
    is_missed: bool,
}

/// What changes when a file is written, or another put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified_ns: (i64, i64),
    changed_ns: (i64, i64),
}

impl Watch {
    /// Watches from now on. What cannot be watched is looked at only, and told of.
    pub(super) fn over(paths: Vec<PathBuf>) -> (Self, Option<notify::Error>) {
        let (tell, told) = channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_change(&event.kind)) {
                // What was not heard yet stands for this one too.
                let _ = tell.try_send(Instant::now());
            }
        });
        let files: Vec<File> = paths.into_iter().map(File::new).collect();
        let mut folders = Folders {
            watcher: None,
            watched: BTreeSet::new(),
        };
        let fault = match watcher {
            Ok(watcher) => {
                folders.watcher = Some(watcher);
                folders.watch(&files).err()
            }
            Err(fault) => Some(fault),
        };
        let watch = Self {
            files,
            told,
            folders,
        };
        (watch, fault)
    }

    /// Waits for the next change.
    pub(super) async fn next(&mut self) -> Changed {
        loop {
            let since = self.wake().await;
            let files = tokio::task::block_in_place(|| self.look());
            if !files.is_empty() {
                // What cannot be watched is looked at all the same.
                let _ = self.folders.watch(&self.files);
                return Changed { since, files };
            }
        }
    }

    /// Waits until something was told and all is quiet again, or until it is time to look.
    async fn wake(&mut self) -> Instant {
        let first = match timeout(LOOK_EVERY, self.told.recv()).await {
            Ok(Some(first)) => first,
            Err(_) => return Instant::now(),
            // Nobody tells: there is no watcher.
            Ok(None) => {
                tokio::time::sleep(LOOK_EVERY).await;
                return Instant::now();
            }
        };
        while first.elapsed() < QUIET_WAITED_MAX {
            match timeout(QUIET, self.told.recv()).await {
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        first
    }

    fn look(&mut self) -> Vec<usize> {
        let files = self.files.iter_mut().enumerate();
        files
            .filter_map(|(number, file)| file.has_changed().then_some(number))
            .collect()
    }
}

/// Reading a file is told of as well, and would never end.
fn is_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

impl Folders {
    /// Watches the folders that files are in: as they are named, and where links lead, which may be elsewhere by now.
    fn watch(&mut self, files: &[File]) -> notify::Result<()> {
        let Some(watcher) = &mut self.watcher else {
            return Ok(());
        };
        if files.iter().any(|file| file.seen.is_none()) {
            // The folder may be gone as well, and the watch with it.
            self.watched.clear();
        }
        let named = files.iter().map(|file| file.path.clone());
        let linked = files.iter().map(|file| fs::canonicalize(&file.path));
        for path in named.chain(linked.filter_map(Result::ok)) {
            let folder = folder(&path);
            if !self.watched.contains(&folder) {
                watcher.watch(&folder, RecursiveMode::NonRecursive)?;
                self.watched.insert(folder);
            }
        }
        Ok(())
    }
}

fn folder(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new(".")).to_owned()
}

impl File {
    fn new(path: PathBuf) -> Self {
        Self {
            seen: Stamp::of(&path),
            path,
            is_missed: false,
        }
    }

    /// Whether it is another than when it was last asked. That it is gone is said at the second look.
    fn has_changed(&mut self) -> bool {
        let now = Stamp::of(&self.path);
        let is_gone = now.is_none() && self.seen.is_some();
        if is_gone && !self.is_missed {
            self.is_missed = true;
            return false;
        }
        self.is_missed = false;
        let has_changed = now != self.seen;
        self.seen = now;
        has_changed
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified_ns: (metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_replaced_has_changed_and_one_that_is_gone_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "1").unwrap();
        let mut file = File::new(path.clone());
        assert!(!file.has_changed());
        let other = folder.path().join(".a.yaml.new");
        fs::write(&other, "2").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!([file.has_changed(), file.has_changed()], [true, false]);
        fs::remove_file(&path).unwrap();
        let looks = [(); 3].map(|()| file.has_changed());
        assert_eq!(looks, [false, true, false]);
        fs::write(&path, "3").unwrap();
        assert!(file.has_changed());
    }

    #[test]
    fn folders_are_found() {
        for (file, expected) in [("a.yaml", "."), ("b/a.yaml", "b"), ("/a.yaml", "/")] {
            assert_eq!(folder(Path::new(file)), Path::new(expected), "{file}");
        }
    }
}
