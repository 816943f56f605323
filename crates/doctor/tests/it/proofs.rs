//! Definitions of every kind of guard, each beside a snapshot of what is proven of it, and by chance: what is called guarded lets no anonymous
//! request in.

use std::fmt::Write as _;

use tollgate_doctor::{Deployed, Unproven, prove};
use tollgate_gateway::exposure::{Exposure, Verdict};
use tollgate_model::clock::Clock;

use crate::{files, workspace};

/// 2025-01-01.
pub(crate) const NOW_MS: u64 = 1_735_689_600_000;

fn folder() -> std::path::PathBuf {
    workspace("crates/doctor/tests/proofs")
}

/// A definition whose name says so is one of a private API.
fn proven(name: &str, document: &[u8]) -> Result<Exposure, Unproven> {
    let deployed = Deployed {
        is_private: name.starts_with("private"),
        ..Deployed::default()
    };
    prove(document, &deployed, Clock::at(NOW_MS))
}

fn told(exposure: &Exposure) -> String {
    let mut text = String::new();
    for route in &exposure.routes {
        writeln!(text, "{} {} {:?}", route.method, route.path, route.guards).unwrap();
        for judged in &route.methods {
            let verdict = match &judged.verdict {
                Verdict::Guarded { because } => format!("guarded: {because}"),
                Verdict::Exposed { request } => format!("exposed: {request:?}"),
                Verdict::Undecided { why } => format!("undecided: {}", why.join("; ")),
            };
            writeln!(text, "  {} {verdict}", judged.method).unwrap();
        }
    }
    text
}

#[test]
fn definitions_are_proven_or_a_request_passes() {
    for file in files(&folder()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = match proven(&name, &std::fs::read(&file).unwrap()) {
            Ok(exposure) => told(&exposure),
            Err(Unproven(reasons)) => format!("unproven:\n  {}\n", reasons.join("\n  ")),
        };
        insta::with_settings!({ snapshot_path => "../proofs", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.replace('.', "-"), text);
        });
    }
}
