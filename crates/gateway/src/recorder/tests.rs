//! Recordings from outside: the seeds of the fuzz target are run again and answer as they did; whatever becomes of their bytes is refused or
//! can be run.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::limits::Limits;

fn seeds() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/recording");
    let entries = std::fs::read_dir(folder).expect("the seeds of the fuzz target");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .map(|path| std::fs::read(path).expect("a seed"))
        .collect()
}

fn redaction() -> Redaction {
    Redaction {
        headers: vec!["x-secret".to_owned()],
        query: vec!["secret".to_owned()],
        json_paths: vec!["$..secret".parse().expect("a path")],
    }
}

#[test]
fn recordings_answer_as_they_did_and_are_written_as_they_were_read() {
    let seeds = seeds();
    assert!(seeds.len() >= 5);
    for seed in seeds {
        let recording = Recording::from_file(&seed).expect("a recording");
        let rerun = recording.run(None).expect("it runs");
        let before = recording.answer.as_ref().expect("an answer");
        assert_eq!(compare_answers(before, &rerun.answer), []);
        assert!(rerun.steps.len() > 1);
        let file = recording.to_file().expect("it is short");
        let again = Recording::from_file(&file).expect("its own form");
        assert_eq!(format!("{again:?}"), format!("{recording:?}"));
    }
}

#[test]
fn what_is_hidden_is_in_neither_file_nor_explanation() {
    for seed in seeds() {
        let mut recording = Recording::from_file(&seed).expect("a recording");
        recording
            .kept
            .headers
            .push(("X-Secret".to_owned(), b"header-secret".to_vec()));
        recording.kept.target.push_str("?secret=query-secret");
        recording.kept.body =
            KeptBody::Whole(r#"{"secret": "body-secret", "name": "body-secret"}"#.into());
        let rerun = recording.run(None).expect("it runs");
        let told = Explanation::of(&recording, &rerun, &redaction());
        assert!(!format!("{told:?}").contains("-secret"), "{told:?}");
        recording.answer = Some(rerun.answer);
        let hidden = recording.redacted(&redaction());
        assert!(hidden.hidden.len() >= 2, "{:?}", hidden.hidden);
        let shown = format!(
            "{:?}",
            serde_json::to_string(&String::from_utf8_lossy(&inflated(&hidden)))
        );
        assert!(!shown.contains("-secret"), "{shown}");
    }
}

fn inflated(recording: &Recording) -> Vec<u8> {
    use std::io::Read as _;
    let file = recording.to_file().expect("it is short");
    let mut document = Vec::new();
    let read = flate2::read::GzDecoder::new(&file[..]).read_to_end(&mut document);
    read.expect("gzip");
    document
}

#[test]
fn files_of_other_forms_are_refused_by_name() {
    let refused = |file: &[u8]| {
        Recording::from_file(file)
            .expect_err("no recording")
            .to_string()
    };
    assert!(refused(b"").starts_with("it is no recording"));
    assert!(refused(b"{\"tollgateRecording\": 2, \"new\": 1}").contains("of version 2"));
    assert!(refused(b"\x1f\x8bnot gzip").starts_with("it cannot be decompressed"));
    assert!(refused(&vec![b' '; FILE_BYTES_MAX + 1]).contains("at most"));
    // Little that becomes much.
    let mut bomb = Vec::new();
    let zeros = std::io::Read::take(std::io::repeat(b' '), 100 << 20);
    std::io::Read::read_to_end(
        &mut flate2::read::GzEncoder::new(zeros, flate2::Compression::fast()),
        &mut bomb,
    )
    .expect("compressed");
    assert!(refused(&bomb).contains("at most"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_recordings_are_refused_or_run(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in "[ -~]{0,12}", cut in 0_usize..12) {
        let seeds: Vec<_> = seeds().into_iter().filter(|seed| seed.starts_with(b"{")).collect();
        let mut seed = which.get(&seeds).clone();
        let at = at.index(seed.len());
        let end = (at + cut).min(seed.len());
        seed.splice(at..end, with.bytes());
        if let Ok(mut recording) = Recording::from_file(&seed) {
            recording.limits = Limits::AWS;
            if let Ok(rerun) = recording.run(None) {
                let _ = Explanation::of(&recording, &rerun, &redaction());
            }
            let hidden = recording.redacted(&redaction());
            let file = hidden.to_file().expect("it is short");
            prop_assert!(Recording::from_file(&file).is_ok());
        }
    }
}
