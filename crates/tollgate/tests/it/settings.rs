//! Settings from the file and the environment, and what is said of wrong ones.

use tollgate_testkit::{Options, Request, Tollgate};

use crate::{PROGRAM, making};

fn refused(options: Options) -> String {
    let ended = Tollgate::try_start(options).unwrap_err();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    ended.stderr
}

#[test]
fn wrong_settings_are_named() {
    let file = |text: &str| refused(Options::serve(PROGRAM).config(text));
    let said = file("[server]\nlisten = \"127.0.0.1:0\"\nlistn = 1\n");
    assert!(
        said.contains("tollgate.toml:3:1: unknown field `listn`"),
        "{said}"
    );
    let said = file("[limits]\nprofile = \"none\"\n");
    assert!(
        said.contains("tollgate.toml:2:11: unknown variant `none`"),
        "{said}"
    );
    let variable =
        |name: &str, value: &str| refused(Options::dev(PROGRAM).environment(name, value));
    let said = variable("TOLLGATE_SERVER__PORT", "1");
    assert!(
        said.contains("environment variable TOLLGATE_SERVER__PORT: unknown field `port`"),
        "{said}"
    );
    let said = variable("TOLLGATE_LOG__LEVEL", "loud=very");
    assert!(said.contains("TOLLGATE_LOG__LEVEL"), "{said}");
    let said = refused(
        Options::dev(PROGRAM)
            .argument("--config")
            .argument("none.toml"),
    );
    assert!(said.contains("cannot read none.toml"), "{said}");
}

#[test]
fn limits_follow_the_profile() {
    let long = format!("/dev/word?{}", "x".repeat(12_000));
    let status = |options: Options| {
        let tollgate = Tollgate::start(options);
        let api = making::serve(&tollgate, &making::mock("1"));
        tollgate.api(&api, "GET", &long).status
    };
    assert_eq!(status(Options::dev(PROGRAM)), 414);
    assert_eq!(
        status(Options::dev(PROGRAM).environment("TOLLGATE_LIMITS__PROFILE", "relaxed")),
        200
    );
    assert_eq!(
        status(Options::dev(PROGRAM).config("[limits]\ntarget_bytes_max = 20000\n")),
        200
    );
}

#[test]
fn domains_account_and_region_are_settings() {
    let config =
        "[hosts]\ndomains = [\"gateway.example\"]\n[control]\naccount = \"123456789012\"\n";
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(config));
    let api = making::serve(&tollgate, &making::mock("\"$context.accountId\""));
    let host = format!("{api}.execute-api.eu-west-1.gateway.example");
    let answer = tollgate
        .send(&Request::new("GET", "/dev/word", &host))
        .expect(200);
    assert_eq!(answer.text(), "\"123456789012\"");
}

#[test]
fn the_log_level_changes_while_it_runs() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config("[log]\nlevel = \"off\"\n"));
    std::fs::write(
        tollgate.folder().join("tollgate.toml"),
        "[log]\nlevel = \"debug\"\n",
    )
    .unwrap();
    tollgate.hang_up();
    let patience = std::time::Duration::from_secs(30);
    let told = |part: &'static str| {
        tollgate
            .stderr()
            .wait(patience, move |line| line.contains(part))
    };
    assert!(told("log level").is_some(), "{}", tollgate.stderr().text());
    std::fs::write(
        tollgate.folder().join("tollgate.toml"),
        "[log]\nlevl = \"off\"\n",
    )
    .unwrap();
    tollgate.hang_up();
    assert!(
        told("log level and certificates stay as they are").is_some(),
        "{}",
        tollgate.stderr().text()
    );
    tollgate.control("GET", "/restapis", None).expect(200);
}
