//! Damaged and hostile definitions: an end, and soon, whatever is given.

use tollgate_doctor::{Code, Finding, Options, check};

use crate::{files, workspace};

/// Xorshift: the same damage each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

fn damaged(document: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut damaged = document.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(damaged.len());
        let end = (at + 1 + chance.below(12)).min(damaged.len());
        match chance.below(3) {
            0 => drop(damaged.drain(at..end)),
            1 => damaged[at] = b"$#{}[]().'\"%*+\\|:/ 0a\xff"[chance.below(22)],
            _ => {
                let part = damaged[at..end].to_vec();
                let to = chance.below(damaged.len());
                damaged.splice(to..to, part);
            }
        }
    }
    damaged
}

#[test]
fn damage_never_panics() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let folders = [
        "crates/doctor/tests/definitions",
        "crates/openapi/tests/inputs",
    ];
    let options = Options {
        requests_max: 60,
        ..Options::default()
    };
    for file in folders.iter().flat_map(|folder| files(&workspace(folder))) {
        let document = std::fs::read(&file).unwrap();
        for _ in 0..28 {
            check(&damaged(&document, &mut chance), &options);
        }
    }
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_check_that_had_no_time_says_so() {
    let document =
        std::fs::read(workspace("crates/doctor/tests/definitions/templates.yaml")).unwrap();
    for options in [
        Options {
            requests_max: 3,
            ..Options::default()
        },
        Options {
            time_ms_max: 0,
            ..Options::default()
        },
    ] {
        let found = codes(&check(&document, &options));
        assert!(found.contains(&Code::CheckIncomplete), "{found:?}");
    }
}

/// Templates that take all the steps they may, many models that refer to each other, and very many routes.
#[test]
fn a_hostile_definition_ends() {
    let mut document =
        String::from("openapi: 3.0.1\ninfo: {title: hostile, version: '1'}\npaths:\n");
    for number in 0..60 {
        document.push_str(&format!(
            "  /loop{number}:\n    post:\n      responses: {{'200': {{description: ok}}}}\n      x-amazon-apigateway-integration:\n        type: mock\n        requestTemplates: {{application/json: \"#set($l = [1..1000])#foreach($a in $l)#foreach($b in $l)#foreach($c in $l)$a#end#end#end\"}}\n        responses: {{default: {{statusCode: 200}}}}\n"
        ));
    }
    for number in 0..3_000 {
        document.push_str(&format!("  /plain{number}/{{proxy+}}:\n    get: {{}}\n"));
    }
    let options = Options {
        time_ms_max: 2_000,
        ..Options::default()
    };
    let found = codes(&check(document.as_bytes(), &options));
    assert!(found.len() <= 1_001 + 2, "{}", found.len());
    assert!(found.contains(&Code::CheckIncomplete));
}
