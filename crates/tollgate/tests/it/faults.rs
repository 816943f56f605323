//! What happens to what is kept: a disk that is full, a folder that cannot be written, files that are damaged or go away. Each ends in a clear
//! stop or is survived: traffic goes on, nothing acknowledged is lost, and the operator reads why.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;
use tollgate_testkit::{AccessKey, Answer, Ended, Options, Tollgate};

use crate::{PROGRAM, making};

const PATIENCE: Duration = Duration::from_secs(30);

/// The largest file that a running Tollgate may write: a disk that is full, as far as it can tell.
fn limit_files(tollgate: &Tollgate, bytes: Option<u64>) {
    let pid = Pid::from_raw(tollgate.pid().cast_signed());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(pid, Resource::Fsize, limit).unwrap();
}

fn create(tollgate: &Tollgate, name: &str) -> Answer {
    tollgate.control("POST", "/restapis", Some(&json!({ "name": name })))
}

fn names(tollgate: &Tollgate) -> Vec<String> {
    let listed = tollgate
        .control("GET", "/restapis?limit=500", None)
        .expect(200)
        .json();
    let items = listed["item"].as_array().unwrap();
    let mut names: Vec<_> = items
        .iter()
        .map(|api| api["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn logged(tollgate: &Tollgate, part: &str) {
    let line = tollgate.stderr().wait(PATIENCE, |line| line.contains(part));
    assert!(line.is_some(), "{part}: {}", tollgate.stderr().text());
}

/// A data folder with an API that was served, after a clean end; the API and the key.
fn served(data: &Path) -> (String, AccessKey) {
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data));
    let api = making::serve(&tollgate, &making::mock("\"kept\""));
    let key = tollgate.key().clone();
    tollgate.terminate();
    assert_eq!(tollgate.wait().status.code(), Some(0));
    (api, key)
}

fn refused(options: Options) -> Ended {
    let ended = Tollgate::try_start(options).unwrap_err();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    ended
}

#[test]
fn a_full_disk_refuses_writes_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let api = making::serve(&tollgate, &making::mock("\"kept\""));
    let key = tollgate.key().clone();
    create(&tollgate, "before").expect(201);

    let log = data.path().join("tollgate.db-wal");
    limit_files(&tollgate, Some(fs::metadata(log).unwrap().len()));
    for number in 0..5 {
        let answer = create(&tollgate, &format!("refused {number}")).expect(500);
        assert_eq!(answer.header("x-amzn-errortype"), Some("InternalFailure"));
        let word = tollgate.api(&api, "GET", "/dev/word").expect(200);
        assert_eq!(word.text(), "\"kept\"");
    }
    assert_eq!(names(&tollgate), ["before", "mock"]);
    logged(&tollgate, "tollgate.db: disk I/O error");

    limit_files(&tollgate, None);
    create(&tollgate, "after").expect(201);
    tollgate.kill();
    let again = Tollgate::start(Options::serve(PROGRAM).data(data.path()).key(key));
    assert_eq!(names(&again), ["after", "before", "mock"]);
    again.api(&api, "GET", "/dev/word").expect(200);
}

/// No file may grow, from the first on.
#[test]
fn a_disk_that_is_full_from_the_start_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("full.sh");
    fs::write(
        &script,
        "#!/bin/sh\nulimit -f 0\nexec \"$TOLLGATE\" \"$@\"\n",
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let data = folder.path().join("data");
    let options = Options::serve(&script)
        .data(&data)
        .environment("TOLLGATE", PROGRAM);
    let ended = refused(options);
    let named = data.join("lock");
    assert!(
        ended.stderr.contains(&*named.to_string_lossy()),
        "{}",
        ended.stderr
    );
    // Nothing half made is left that would keep the next start from going well.
    Tollgate::start(Options::serve(PROGRAM).data(&data));
}

#[test]
fn an_access_log_on_a_full_disk_loses_lines_and_no_requests() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access.log");
    let config = format!("[access_log]\ndefault = {:?}\n", file.display().to_string());
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&config));
    let api = making::serve(&tollgate, &making::mock("1"));
    let patch = json!({"patchOperations": [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": "arn:aws:logs:us-east-1:000000000000:log-group:any"},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"},
    ]});
    let stage = format!("/restapis/{api}/stages/dev");
    tollgate.control("PATCH", &stage, Some(&patch)).expect(200);
    let count = |name: &str| {
        let metrics = tollgate.ask_admin("/_tollgate/metrics").text();
        let line = metrics.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        value.unwrap_or_else(|| panic!("no {name} in {metrics}"))
    };
    let counted = |name: &str, least: u64| {
        let begun = Instant::now();
        while count(name) < least {
            assert!(begun.elapsed() < PATIENCE, "{name}: {}", count(name));
            thread::yield_now();
        }
    };
    limit_files(&tollgate, Some(0));
    for _ in 0..5 {
        tollgate.api(&api, "GET", "/dev/word").expect(200);
    }
    counted("tollgate_access_log_lost_total", 5);
    limit_files(&tollgate, None);
    let written = count("tollgate_access_log_lines_total");
    tollgate.api(&api, "GET", "/dev/word").expect(200);
    counted("tollgate_access_log_lines_total", written + 1);
    // Whatever was torn has its line ended first.
    let written = fs::read_to_string(&file).unwrap();
    let lines = written.lines().filter(|line| !line.is_empty());
    assert_eq!(lines.count(), 1, "{written}");
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let outer = tempfile::tempdir().unwrap();
    let made = |name: &str, make: &dyn Fn(&Path)| {
        let path = outer.path().join(name);
        make(&path);
        path
    };
    let folder_at =
        |file: &'static str| move |path: &Path| fs::create_dir_all(path.join(file)).unwrap();
    let cases = [
        // Even root makes nothing below these.
        (PathBuf::from("/proc/tollgate"), "/proc/tollgate"),
        (PathBuf::from("/sys/tollgate"), "/sys/tollgate"),
        (made("file", &|path| fs::write(path, "").unwrap()), "file"),
        (made("lock", &folder_at("lock")), "lock/lock"),
        (
            made("database", &folder_at("tollgate.db")),
            "database/tollgate.db",
        ),
        (
            made("log", &folder_at("tollgate.db-wal")),
            "log/tollgate.db-wal",
        ),
    ];
    for (folder, named) in cases {
        let ended = refused(Options::serve(PROGRAM).data(&folder));
        assert!(ended.stderr.contains(named), "{named}: {}", ended.stderr);
        assert!(ended.stdout.is_empty(), "{}", ended.stdout);
    }
}

/// What becomes of a file's bytes.
type Damage = fn(&mut Vec<u8>);

#[test]
fn a_damaged_database_stops_the_start_and_is_named() {
    let data = tempfile::tempdir().unwrap();
    let (api, key) = served(data.path());
    let path = data.path().join("tollgate.db");
    let whole = fs::read(&path).unwrap();
    let start = || Tollgate::try_start(Options::serve(PROGRAM).data(data.path()).key(key.clone()));
    let damages: [(&str, Damage); 5] = [
        ("is damaged", |bytes| bytes[..16].fill(0)),
        ("is damaged", |bytes| bytes.truncate(bytes.len() / 2)),
        ("is damaged", |bytes| bytes.truncate(100)),
        ("is damaged", |bytes| bytes[4096..].fill(0xA5)),
        ("is missing or empty", Vec::clear),
    ];
    for (said, damage) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        let ended = start().expect_err(said);
        assert_eq!(ended.status.code(), Some(1));
        for part in [said, &*path.to_string_lossy(), "begin anew"] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        assert_eq!(fs::read(&path).unwrap(), bytes, "nothing is changed");
    }
    fs::write(&path, &whole).unwrap();
    let tollgate = start().unwrap();
    tollgate.api(&api, "GET", "/dev/word").expect(200);
}

/// Wherever a page is damaged: either the start says so, or what does not need the page is served, and what does is refused.
#[test]
fn a_damaged_page_is_never_passed_over() {
    let data = tempfile::tempdir().unwrap();
    let (api, key) = served(data.path());
    let path = data.path().join("tollgate.db");
    let whole = fs::read(&path).unwrap();
    let (mut stopped, pages) = (0, whole.len() / 4096);
    for page in 1..pages {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0xA5);
        fs::write(&path, &bytes).unwrap();
        match Tollgate::try_start(Options::serve(PROGRAM).data(data.path()).key(key.clone())) {
            Err(ended) => {
                assert!(
                    ended.stderr.contains("tollgate.db is damaged"),
                    "{}",
                    ended.stderr
                );
                stopped += 1;
            }
            Ok(tollgate) => {
                let word = tollgate.api(&api, "GET", "/dev/word").expect(200);
                assert_eq!(word.text(), "\"kept\"", "page {page}");
                let listed = tollgate.control("GET", "/restapis", None);
                let is_whole = listed.status == 200 && listed.json()["item"][0]["id"] == *api;
                assert!(
                    is_whole || listed.status == 500,
                    "page {page}: {}",
                    listed.text()
                );
                let made = create(&tollgate, "more");
                assert!(
                    [201, 500].contains(&made.status),
                    "page {page}: {}",
                    made.text()
                );
                tollgate.terminate();
                let ended = tollgate.wait();
                let told = ended.stderr.contains("is damaged");
                assert!(told || (is_whole && made.status == 201), "{}", ended.stderr);
                assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
            }
        }
    }
    assert!(stopped > 1, "{stopped} of {pages}");
}

#[test]
fn a_damaged_log_stops_the_start() {
    let data = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let key = tollgate.key().clone();
    for number in 0..10 {
        create(&tollgate, &format!("api {number}")).expect(201);
    }
    tollgate.kill();
    let path = data.path().join("tollgate.db-wal");
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let options = || Options::serve(PROGRAM).data(data.path()).key(key.clone());
    let ended = refused(options());
    for part in [
        &*path.to_string_lossy(),
        "is damaged (frame ",
        "move this one file away",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(names(&Tollgate::start(options())).len(), 10);
}

#[test]
fn a_key_file_that_is_gone_or_changed_stops_the_start() {
    let data = tempfile::tempdir().unwrap();
    let (api, key) = served(data.path());
    let path = data.path().join("secrets.key");
    let whole = fs::read_to_string(&path).unwrap();
    let options = || Options::serve(PROGRAM).data(data.path()).key(key.clone());
    let mut other = whole.clone().into_bytes();
    let at = other.len() - 10;
    other[at] = if other[at] == b'A' { b'B' } else { b'A' };
    let cases: [(&str, &dyn Fn()); 4] = [
        ("that file is missing", &|| fs::remove_file(&path).unwrap()),
        ("is not a secrets key of tollgate", &|| {
            fs::write(&path, "").unwrap()
        }),
        ("is not a secrets key of tollgate", &|| {
            fs::write(&path, &whole[..30]).unwrap()
        }),
        ("cannot open the secret of access key", &|| {
            fs::write(&path, &other).unwrap()
        }),
    ];
    for (said, damage) in cases {
        damage();
        let ended = refused(options());
        for part in [said, &*path.to_string_lossy()] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
    }
    fs::write(&path, &whole).unwrap();
    let tollgate = Tollgate::start(options());
    tollgate.control("GET", "/restapis", None).expect(200);
    tollgate.api(&api, "GET", "/dev/word").expect(200);
}

#[test]
fn a_store_that_goes_away_takes_no_writes_and_no_traffic_with_it() {
    let outer = tempfile::tempdir().unwrap();
    let (data, aside) = (outer.path().join("data"), outer.path().join("aside"));
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(&data));
    let api = making::serve(&tollgate, &making::mock("\"kept\""));
    let goes_on = || {
        let word = tollgate.api(&api, "GET", "/dev/word").expect(200);
        assert_eq!(word.text(), "\"kept\"");
    };
    let database = data.join("tollgate.db");

    fs::rename(&database, &aside).unwrap();
    create(&tollgate, "into nothing").expect(500);
    logged(&tollgate, "tollgate.db was removed or replaced");
    goes_on();
    fs::copy(&aside, &database).unwrap();
    create(&tollgate, "beside another").expect(500);
    goes_on();
    fs::rename(&aside, &database).unwrap();
    create(&tollgate, "back").expect(201);
    assert_eq!(names(&tollgate), ["back", "mock"]);

    fs::remove_dir_all(&data).unwrap();
    create(&tollgate, "nowhere").expect(500);
    assert_eq!(names(&tollgate), ["back", "mock"]);
    goes_on();
    tollgate.terminate();
    let ended = tollgate.wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}
