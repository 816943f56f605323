//! How it starts: what it prints, what it makes, whom it refuses to stand beside.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use tollgate_testkit::{Options, Tollgate};

use crate::{PROGRAM, making};

#[test]
fn one_line_says_where_everything_is() {
    let data = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let text = tollgate.stdout().text();
    let ready: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("tollgate ready:"))
        .collect();
    let [ready] = ready[..] else { panic!("{text}") };
    for part in [
        format!("http://{}", tollgate.address()),
        format!("http://{}", tollgate.admin()),
        data.path().canonicalize().unwrap().display().to_string(),
    ] {
        assert!(ready.contains(&part), "{ready}");
    }
}

#[test]
fn the_root_key_is_printed_once_and_kept() {
    let data = tempfile::tempdir().unwrap();
    let first = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let key = first.key().clone();
    let mode = fs::metadata(data.path().join("secrets.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o600);
    first.terminate();
    first.wait();

    let again = Tollgate::start(Options::serve(PROGRAM).data(data.path()).key(key.clone()));
    assert!(
        !again.stdout().text().contains("AWS_"),
        "{}",
        again.stdout().text()
    );
    again.control("GET", "/restapis", None).expect(200);
    again.kill();

    fs::write(data.path().join("secrets.key"), "something else").unwrap();
    let ended =
        Tollgate::try_start(Options::serve(PROGRAM).data(data.path()).key(key)).unwrap_err();
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.stderr.contains("is not a secrets key of tollgate"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_data_folder_serves_one_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let first = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let ended = Tollgate::try_start(Options::serve(PROGRAM).data(data.path())).unwrap_err();
    assert_eq!(ended.status.code(), Some(1));
    let said = format!("is in use by process {}", first.pid());
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    first.control("GET", "/restapis", None).expect(200);
}

#[test]
fn a_port_serves_one_at_a_time() {
    let first = Tollgate::start(Options::dev(PROGRAM));
    let (main, admin) = (first.address().to_string(), first.admin().to_string());
    for arguments in [
        ["--listen", &main],
        ["--admin", &main],
        ["--listen", &admin],
    ] {
        let [name, address] = arguments;
        let ended = Tollgate::try_start(Options::dev(PROGRAM).argument(name).argument(address))
            .unwrap_err();
        assert_eq!(ended.status.code(), Some(1));
        assert!(
            ended
                .stderr
                .contains(&format!("{address} is in use by another process")),
            "{}",
            ended.stderr
        );
    }
    let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = foreign.local_addr().unwrap().to_string();
    let ended = Tollgate::try_start(
        Options::serve(PROGRAM)
            .argument("--listen")
            .argument(&address),
    )
    .unwrap_err();
    assert!(ended.stderr.contains(&address), "{}", ended.stderr);
}

#[test]
fn a_restart_serves_what_was_served() {
    let data = tempfile::tempdir().unwrap();
    let first = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let key = first.key().clone();
    let api = making::serve(&first, &making::mock("\"kept\""));
    assert_eq!(
        first.api(&api, "GET", "/dev/word").expect(200).text(),
        "\"kept\""
    );
    first.kill();

    let again = Tollgate::start(Options::serve(PROGRAM).data(data.path()).key(key));
    assert_eq!(
        again.api(&api, "GET", "/dev/word").expect(200).text(),
        "\"kept\""
    );
    let shown = again
        .control("GET", &format!("/restapis/{api}/stages/dev"), None)
        .expect(200);
    assert_eq!(shown.json()["stageName"], "dev");
}
