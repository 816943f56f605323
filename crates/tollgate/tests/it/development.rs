//! `tollgate dev`: for this machine alone, and talkative.

use std::time::Duration;

use tollgate_testkit::{Options, Request, Scope, Tollgate, authorize};

use crate::{PROGRAM, making};

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn no_web_page_can_drive_it() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let own = tollgate.address().to_string();
    let port = tollgate.address().port();
    let call = |host: &str, fields: &[(&str, &str)]| {
        let request = authorize(
            Request::new("GET", "/restapis", host),
            tollgate.key(),
            &Scope::default(),
        );
        let request = fields.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        tollgate.send(&request).status
    };
    assert_eq!(call(&own, &[]), 200);
    assert_eq!(call(&format!("localhost:{port}"), &[]), 200);
    assert_eq!(call("evil.example", &[]), 403);
    assert_eq!(call(&format!("evil.example:{port}"), &[]), 403);
    assert_eq!(call(&own, &[("Origin", "https://evil.example")]), 403);
    assert_eq!(call(&own, &[("Origin", "null")]), 403);
    assert_eq!(call(&own, &[("Sec-Fetch-Site", "cross-site")]), 403);
    let unsigned = tollgate.send(&Request::new("GET", "/restapis", &own));
    assert_eq!(unsigned.json()["message"], "Missing Authentication Token");
    let shapeless = Request::new("GET", "/restapis", &own).header("Authorization", "Bearer x");
    assert_eq!(tollgate.send(&shapeless).status, 403);
}

#[test]
fn only_this_machine_reaches_it() {
    for name in ["--listen", "--admin"] {
        let ended = Tollgate::try_start(Options::dev(PROGRAM).argument(name).argument("0.0.0.0:0"))
            .unwrap_err();
        assert_eq!(ended.status.code(), Some(2));
        assert!(
            ended.stderr.contains(&format!(
                "{name} 0.0.0.0:0 is not an address of this machine alone"
            )),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn definitions_are_deployed_and_their_urls_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hello.json");
    std::fs::write(&file, making::mock("\"hi\"").to_string()).unwrap();
    let options = Options::dev(PROGRAM)
        .argument(file.display().to_string())
        .argument("--stage")
        .argument("try");
    let tollgate = Tollgate::start(options);
    assert_eq!(
        tollgate.api("hello", "GET", "/try/word").expect(200).text(),
        "\"hi\""
    );
    let url = format!(
        "http://hello.execute-api.localhost:{}/try/word",
        tollgate.address().port()
    );
    assert!(
        tollgate.stdout().text().contains(&url),
        "{}",
        tollgate.stdout().text()
    );
    assert!(
        tollgate
            .stdout()
            .text()
            .contains("data in a temporary folder")
    );
}

#[test]
fn the_same_data_is_deployed_over_and_over() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("hello.json");
    for word in ["\"one\"", "\"two\""] {
        std::fs::write(&file, making::mock(word).to_string()).unwrap();
        let options = Options::dev(PROGRAM)
            .data(&data.path().join("kept"))
            .argument(file.display().to_string());
        let tollgate = Tollgate::start(options);
        assert_eq!(
            tollgate.api("hello", "GET", "/dev/word").expect(200).text(),
            word
        );
        tollgate.kill();
    }
}

#[test]
fn the_console_tells_why_and_the_wire_does_not() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("#if("));
    let wrong = tollgate.api(&api, "GET", "/dev/none").expect(403);
    assert_eq!(wrong.json()["message"], "Missing Authentication Token");
    let broken = tollgate.api(&api, "GET", "/dev/word").expect(500);
    assert_eq!(broken.json()["message"], "Internal server error");
    tollgate.control("GET", "/restapis/none", None).expect(404);
    for (start, reason) in [
        ("403 GET /dev/none: ", ""),
        ("500 GET /dev/word: ", "line 1"),
        (
            "404 GET /restapis/none: ",
            "Invalid API identifier specified",
        ),
    ] {
        let line = tollgate
            .stderr()
            .wait(PATIENCE, |line| line.starts_with(start));
        let line = line.unwrap_or_else(|| panic!("{start}: {}", tollgate.stderr().text()));
        assert!(line.len() > start.len() && line.contains(reason), "{line}");
    }
}

#[test]
fn the_temporary_folder_is_removed() {
    let temporary = tempfile::tempdir().unwrap();
    let options =
        Options::dev(PROGRAM).environment("TMPDIR", &temporary.path().display().to_string());
    let tollgate = Tollgate::start(options);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    tollgate.terminate();
    assert_eq!(tollgate.wait().status.code(), Some(0));
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}
