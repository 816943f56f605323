//! `tollgate check`: what definitions will do wrong, told before they are deployed. The crate `doctor` finds it; here are files, outputs and
//! exit codes.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use tollgate_doctor::{Finding, Options, Severity, Style, check, of_file, summary};

use crate::arguments::Check;
use crate::failure::Failure;
use crate::say;

/// A little more than AWS's limit on what is imported, so that the doctor says what is wrong with a longer one.
const BYTES_MAX: u64 = 6 * 1024 * 1024 + 1;

/// The name under which standard input is asked for and shown.
const STDIN: &str = "-";

/// What was found in one file.
struct Checked {
    file: String,
    findings: Vec<Finding>,
}

/// Checks every file: exit code 0 where nothing fails, 1 where something does, 2 where a file cannot be read.
pub(crate) fn run(arguments: Check) -> Result<ExitCode, Failure> {
    let options = Options {
        stage_variables: arguments.stage_variables.clone(),
        ..Options::default()
    };
    let mut checked = Vec::new();
    for file in &arguments.files {
        let document = read(file).map_err(Failure::given)?;
        checked.push(Checked {
            file: shown(file),
            findings: check(&document, &options),
        });
    }
    match arguments.json {
        true => lines(&checked),
        false => text(&checked),
    }
    Ok(ExitCode::from(u8::from(fails(&checked, arguments.strict))))
}

fn shown(file: &Path) -> String {
    match file.as_os_str() == STDIN {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    }
}

/// Reads a definition, or as much of it as is looked at.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>> {
    let cannot_read = || format!("cannot read {}", shown(file));
    let mut document = Vec::new();
    let read = match file.as_os_str() == STDIN {
        true => io::stdin()
            .lock()
            .take(BYTES_MAX)
            .read_to_end(&mut document),
        false => {
            let opened = File::open(file).with_context(cannot_read)?;
            opened.take(BYTES_MAX).read_to_end(&mut document)
        }
    };
    read.with_context(cannot_read)?;
    Ok(document)
}

/// Whether any finding is one that CI should stop at.
fn fails(checked: &[Checked], is_strict: bool) -> bool {
    let mut findings = checked.iter().flat_map(|it| &it.findings);
    findings.any(|finding| match finding.severity {
        Severity::Error => true,
        Severity::Warning => is_strict,
        Severity::Note => false,
    })
}

/// One JSON object on a line for each finding.
fn lines(checked: &[Checked]) {
    for it in checked {
        for finding in &it.findings {
            say::out(finding.to_json(&it.file));
        }
    }
}

fn text(checked: &[Checked]) {
    let style = Style {
        has_colours: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    for it in checked {
        let told = of_file(&it.file, &it.findings, style);
        if !told.is_empty() {
            say::out(told.trim_end());
        }
    }
    let findings: Vec<&Finding> = checked.iter().flat_map(|it| &it.findings).collect();
    say::out(summary(checked.len(), &findings));
}
