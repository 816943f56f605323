//! Prints how many commits per second a store in a temporary folder acknowledges: `cargo run --example
//! commits_per_second`.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tollgate_store::{Commit, Key, Kind, Options, Put, Sqlite, Store};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir_in(".")?;
    let store = Arc::new(Sqlite::open(folder.path(), Options::default())?);
    for writers in [1, 32] {
        let until = Instant::now() + Duration::from_secs(3);
        let tasks: Vec<_> = (0..writers)
            .map(|writer| tokio::spawn(write(store.clone(), writer, until)))
            .collect();
        let mut commits = 0;
        for task in tasks {
            commits += task.await?;
        }
        println!("{writers} writers: {} commits/s", commits / 3);
    }
    Ok(())
}

async fn write(store: Arc<Sqlite>, writer: usize, until: Instant) -> u64 {
    let api = Key::top("000000000000", "eu-west-1", Kind::RestApi, "a");
    let mut commits = 0;
    while Instant::now() < until {
        let put = Put {
            key: api.child(Kind::Resource, &format!("{writer}-{commits}")),
            format: 1,
            created_ms: 0,
            tags: Default::default(),
            body: vec![b' '; 500],
            contents: Vec::new(),
        };
        let commit = Commit {
            puts: vec![put],
            ..Commit::default()
        };
        store.commit(commit).await.expect("the disk works");
        commits += 1;
    }
    commits
}
