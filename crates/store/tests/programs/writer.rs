//! Writes entities into the store in the folder given, by several writers at once, and prints each id with a full
//! stop once it is acknowledged. The durability test kills it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use tollgate_store::{Commit, Key, Kind, Options, Put, Sqlite, Store};

const WRITERS: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder: PathBuf = arguments.next().expect("the folder").into();
    let writes: usize = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .expect("how many writes");
    let store = Arc::new(Sqlite::open(&folder, Options::default()).expect("a store"));
    let writers: Vec<_> = (0..WRITERS)
        .map(|first| tokio::spawn(write(store.clone(), (first..writes).step_by(WRITERS))))
        .collect();
    for writer in writers {
        writer.await.expect("a writer that ends");
    }
}

async fn write(store: Arc<Sqlite>, numbers: impl Iterator<Item = usize>) {
    let api = Key::top("000000000000", "eu-west-1", Kind::RestApi, "a");
    for number in numbers {
        let key = api.child(Kind::Resource, &format!("r{number}"));
        store.commit(commit(&key)).await.expect("a commit");
        let mut output = std::io::stdout();
        let written = writeln!(output, "{}.", key.id).and_then(|()| output.flush());
        written.expect("a reader");
    }
}

fn commit(key: &Key) -> Commit {
    Commit {
        puts: vec![Put {
            key: key.clone(),
            format: 1,
            created_ms: 0,
            tags: Default::default(),
            body: b"{}".to_vec(),
            contents: Vec::new(),
        }],
        ..Commit::default()
    }
}
