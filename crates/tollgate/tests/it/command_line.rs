//! The command line as a newcomer meets it.

use std::process::{Command, Output};

use crate::PROGRAM;

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .output()
        .expect("the program can be executed")
}

fn out(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_says_what_it_is_and_how_to_begin() {
    let long = out(&["--help"]);
    for part in [
        "Amazon API Gateway",
        "127.0.0.1:4566",
        "127.0.0.1:4567",
        "tollgate-data",
        "tollgate dev petstore.yaml",
        "AWS_ENDPOINT_URL",
        "Exit codes",
    ] {
        assert!(long.contains(part), "{part}: {long}");
    }
    assert!(out(&["-h"]).contains("tollgate --help"));
    for command in ["serve", "dev"] {
        let help = out(&[command, "--help"]);
        for part in [
            "--listen <ADDR>",
            "--admin <ADDR>",
            "--data <DIR>",
            "--workers <N>",
            "--config <FILE>",
        ] {
            assert!(help.contains(part), "{part}: {help}");
        }
    }
    assert!(out(&["dev", "--help"]).contains("--stage <NAME>"));
    assert!(out(&["--version"]).starts_with("tollgate "));
}

#[test]
fn the_printed_settings_are_settings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tollgate.toml");
    std::fs::write(&file, out(&["config"])).unwrap();
    let file = file.display().to_string();
    // The settings are read before the address is found to be none for `dev`.
    let output = run(&["dev", "--config", &file, "--listen", "0.0.0.0:0"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("0.0.0.0:0"), "{said}");
}

#[test]
fn wrong_arguments_are_explained() {
    for (arguments, part) in [
        (&["serve", "--listen", "4566"][..], "127.0.0.1:4566"),
        (&["serve", "--workers", "0"], "1..=1024"),
        (&["serv"], "serve"),
        (&["serve", "--nothing"], "--nothing"),
        (&[], "Usage"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}
