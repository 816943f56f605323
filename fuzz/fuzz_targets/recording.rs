//! Recordings come from elsewhere: whatever their bytes are, they are refused or can be run, explained, hidden and written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_gateway::Limits;
use tollgate_gateway::recorder::{Explanation, Recording, Redaction, compare};

fuzz_target!(|data: &[u8]| {
    let Ok(mut recording) = Recording::from_file(data) else {
        return;
    };
    // What a file may ask for at most takes longer than the fuzzer waits.
    recording.limits = Limits::AWS;
    recording.limits.template_steps_max = 20_000;
    recording.limits.template_output_bytes_max = 100_000;
    let redaction = Redaction {
        headers: vec!["x-secret".to_owned()],
        query: vec!["secret".to_owned()],
        json_paths: vec!["$..secret".parse().expect("a path")],
    };
    if let Ok(rerun) = recording.run(None) {
        let again = recording.run(None).expect("it ran before");
        // The engine is a function of what is recorded.
        assert!(compare(&rerun, &again).is_empty(), "two runs differ");
        let _ = Explanation::of(&recording, &rerun, &redaction);
        recording.answer = Some(rerun.answer);
    }
    let hidden = recording.redacted(&redaction);
    if let Ok(file) = hidden.to_file() {
        Recording::from_file(&file).expect("what is written can be read");
    }
});
