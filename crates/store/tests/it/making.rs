//! Short ways to say what a test stores.

use std::path::Path;

use tollgate_store::{Commit, Content, Expected, Key, Kind, Options, Put, Sqlite};

pub(crate) fn open(folder: &Path) -> Sqlite {
    Sqlite::open(folder, Options::default()).unwrap()
}

pub(crate) fn api(id: &str) -> Key {
    Key::top("000000000000", "eu-west-1", Kind::RestApi, id)
}

pub(crate) fn put(key: &Key, body: &str) -> Put {
    Put {
        key: key.clone(),
        format: 1,
        created_ms: 1_700_000_000_000,
        tags: [("team".to_owned(), "blue".to_owned())].into(),
        body: body.as_bytes().to_vec(),
        contents: Vec::new(),
    }
}

/// A put made of these contents.
pub(crate) fn put_of(key: &Key, contents: &[Content]) -> Put {
    Put {
        contents: contents.iter().map(Content::hash).collect(),
        ..put(key, "{}")
    }
}

pub(crate) fn puts<const N: usize>(puts: [Put; N]) -> Commit {
    Commit {
        puts: puts.into(),
        ..Commit::default()
    }
}

pub(crate) fn expecting(commit: Commit, key: &Key, expected: Expected) -> Commit {
    let mut commit = commit;
    commit.expect.push((key.clone(), expected));
    commit
}

/// A folder in memory where that can be had: a test that opens hundreds of stores waits for no disk then.
pub(crate) fn folder_in_memory() -> tempfile::TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}
