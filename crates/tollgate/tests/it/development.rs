//! `tollgate dev`: for this machine alone, and talkative.

use std::path::Path;
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
        ("403 GET /dev/none: no such route: ", "nearest is GET /word"),
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

/// A `tollgate dev` over one file, which is edited.
struct Edited {
    tollgate: Tollgate,
    file: String,
    /// How often it was deployed again.
    times: usize,
}

impl Edited {
    fn start(file: &Path) -> Self {
        let file = file.display().to_string();
        let options = Options::dev(PROGRAM).argument(&file);
        Self {
            tollgate: Tollgate::start(options),
            file,
            times: 0,
        }
    }

    /// Waits for the next deployment.
    #[track_caller]
    fn serves(&mut self, expected: &str) {
        self.times += 1;
        let again = format!("{}: deployed again in ", self.file);
        let stdout = self.tollgate.stdout();
        let told = stdout.wait_for(PATIENCE, self.times, |line| line.starts_with(&again));
        let told = told.unwrap_or_else(|| panic!("{}", self.tollgate.stderr().text()));
        assert!(told.ends_with(" ms"), "{told}");
        self.still_serves(expected);
    }

    #[track_caller]
    fn still_serves(&self, expected: &str) {
        let answer = self.tollgate.api("hello", "GET", "/dev/word").expect(200);
        assert_eq!(answer.text(), expected);
    }

    /// Waits until it is told why a file's content is not served.
    #[track_caller]
    fn refuses(&self, start: &str) {
        let (start, end) = (
            format!("{}{start}", self.file),
            format!("; the last good deployment of {} serves on", self.file),
        );
        let stderr = self.tollgate.stderr();
        let told = stderr.wait(PATIENCE, |line| {
            line.starts_with(&start) && line.ends_with(&end)
        });
        assert!(told.is_some(), "{start} … {end}: {}", stderr.text());
    }
}

/// In every way in which files change: written in place, replaced by another file, behind a link to a folder.
#[test]
fn an_edit_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let content = |word: &str| making::mock(word).to_string();
    for (name, word) in [("old", "first"), ("new", "fourth")] {
        std::fs::create_dir(path(name)).unwrap();
        std::fs::write(path(name).join("hello.json"), content(word)).unwrap();
    }
    std::os::unix::fs::symlink("old", path("current")).unwrap();
    std::os::unix::fs::symlink("current/hello.json", path("hello.json")).unwrap();
    let mut edited = Edited::start(&path("hello.json"));
    edited.still_serves("first");
    std::fs::write(path("old/hello.json"), content("second")).unwrap();
    edited.serves("second");
    std::fs::write(path("old/.hello.json.swp"), content("third")).unwrap();
    std::fs::rename(path("old/.hello.json.swp"), path("old/hello.json")).unwrap();
    edited.serves("third");
    std::os::unix::fs::symlink("new", path("next")).unwrap();
    std::fs::rename(path("next"), path("current")).unwrap();
    edited.serves("fourth");
    std::fs::write(path("new/hello.json"), content("fifth")).unwrap();
    edited.serves("fifth");
}

#[test]
fn a_bad_edit_is_told_and_the_last_good_one_served_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hello.json");
    let good = |word: &str| making::mock(word).to_string();
    std::fs::write(&file, good("first")).unwrap();
    let mut edited = Edited::start(&file);
    let wrong_type = good("first").replace("\"mock\"", "\"aws\"");
    for (content, told) in [
        (
            "{\n  \"openapi\": \"3.0.1\",\n  oops\n}",
            ":3:3: Invalid OpenAPI input. ",
        ),
        (&wrong_type, ":1:"),
    ] {
        std::fs::write(&file, content).unwrap();
        edited.refuses(told);
        edited.still_serves("first");
    }
    std::fs::remove_file(&file).unwrap();
    let gone = format!("cannot read {}: ", file.display());
    let stderr = edited.tollgate.stderr();
    let told = stderr.wait(PATIENCE, |line| line.starts_with(&gone));
    assert!(told.is_some(), "{}", stderr.text());
    edited.still_serves("first");
    std::fs::write(&file, good("second")).unwrap();
    edited.serves("second");
}
