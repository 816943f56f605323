//! What this crate decides in cases, one JSON object a line: `cargo run -p tollgate-iam --example decisions`. The differential checks
//! (`tests/differential`) hold it against other evaluators; with `pace` it tells nanoseconds of a decision.

#[path = "../tests/it/case.rs"]
mod case;

use std::io::{BufRead, Write};
use std::time::Instant;

use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let answer = match std::env::args().nth(1).as_deref() {
        None => decided,
        Some("pace") => pace,
        Some(_) => return Err(std::io::Error::other("say nothing or `pace`")),
    };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case = serde_json::from_str(&line?)?;
        writeln!(out, "{}", answer(&case))?;
        out.flush()?;
    }
    Ok(())
}

fn decided(case: &Value) -> Value {
    match case::run(case) {
        Ok(outcome) => json!({
            "decision": case::word(outcome.decision),
            "proved": outcome.proof.decision == outcome.decision,
            "proof": outcome.proof.to_string(),
        }),
        Err(error) => json!({"refused": error.to_string()}),
    }
}

/// Nanoseconds of a decision, over as many as the case says; the policies are parsed before.
fn pace(case: &Value) -> Value {
    let rounds = case["rounds"].as_u64().unwrap_or(1);
    let timed = case::with(case, |policies, request| {
        let start = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(tollgate_iam::evaluate(
                policies,
                std::hint::black_box(request),
            ));
        }
        start.elapsed()
    });
    match timed {
        Ok(time) => json!({"nanoseconds": time.as_nanos() as f64 / rounds as f64}),
        Err(error) => json!({"refused": error.to_string()}),
    }
}
