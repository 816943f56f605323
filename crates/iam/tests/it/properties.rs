//! What holds for all policies: a proof says what the decision says, and what it calls the nearest change turns it.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tollgate_iam::{Change, Decision, Effect, Kind, Missing, Part, Place, Policy, Proof, Source};

use crate::case;
use crate::generate;

fn decide(case: &Json) -> case::Outcome {
    case::run(case).unwrap_or_else(|error| panic!("{error}: {case}"))
}

fn allows(case: &Json) -> bool {
    matches!(decide(case).decision, Decision::Allow(_))
}

/// The case with everything changed that the proof asks for.
fn changed(case: &Json, proof: &Proof) -> Json {
    let mut changed = case.clone();
    for change in &proof.nearest {
        match change {
            Change::Apply(place, parts) => apply(statement_at(&mut changed, *place), parts),
            Change::Spare(place, _) => {
                let statement = statement_at(&mut changed, *place);
                *statement = json!({"Effect": "Allow", "Action": "none:None", "Resource": "*", "Principal": "*"});
                if place.source != Source::Resource {
                    remove(statement, "Principal");
                }
            }
            Change::Write(missing) => write(&mut changed, *missing),
        }
    }
    changed
}

fn policy_at(case: &mut Json, source: Source) -> &mut Json {
    match source {
        Source::Identity(index) => &mut case["identity"][index],
        Source::Session(index) => &mut case["session"][index],
        Source::Boundary => &mut case["boundary"],
        Source::Resource => &mut case["resource_policy"],
    }
}

fn statement_at(case: &mut Json, place: Place) -> &mut Json {
    &mut policy_at(case, place.source)["Statement"][place.statement]
}

fn remove(statement: &mut Json, member: &str) {
    statement
        .as_object_mut()
        .expect("a statement")
        .remove(member);
}

/// Makes the parts fit.
fn apply(statement: &mut Json, parts: &[Part]) {
    let mut conditions = Vec::new();
    for part in parts {
        let name = match part {
            Part::Principal => "Principal",
            Part::Action => "Action",
            Part::Resource => "Resource",
            Part::Condition(index) => {
                conditions.push(*index);
                continue;
            }
        };
        remove(statement, &format!("Not{name}"));
        statement[name] = json!("*");
    }
    if let Some(operators) = statement.get_mut("Condition").and_then(Json::as_object_mut) {
        let names: Vec<String> = operators.keys().cloned().collect();
        for index in conditions {
            operators.remove(&names[index]);
        }
    }
}

fn write(case: &mut Json, missing: Missing) {
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [all]});
    match missing {
        Missing::Identity => case["identity"]
            .as_array_mut()
            .expect("policies")
            .push(document),
        Missing::Boundary => case["boundary"] = document,
        Missing::Session => case["session"] = json!([document]),
        Missing::Resource => {
            let mut named = all;
            named["Principal"] = json!("*");
            match case["resource_policy"]["Statement"].as_array_mut() {
                Some(statements) => statements.push(named),
                None => {
                    case["resource_policy"] = json!({"Version": "2012-10-17", "Statement": [named]})
                }
            }
        }
        Missing::Steps => panic!("no case is that large"),
    }
}

/// Every document of the case with its kind.
fn documents(case: &Json) -> Vec<(Json, Kind)> {
    let lists =
        ["identity", "session"].map(|name| case[name].as_array().cloned().unwrap_or_default());
    let identity = lists.concat().into_iter().chain([case["boundary"].clone()]);
    let resource = case["resource_policy"].clone();
    let all = identity
        .map(|document| (document, Kind::Identity))
        .chain([(resource, Kind::Resource)]);
    all.filter(|(document, _)| !document.is_null()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_proof_proves_the_decision(case in generate::case()) {
        let outcome = decide(&case);
        let proof = &outcome.proof;
        prop_assert_eq!(proof.decision, outcome.decision);
        prop_assert!(proof.complete);
        let applying = |effect| proof.findings.iter().filter(move |finding| finding.effect == effect && finding.applies());
        match outcome.decision {
            Decision::ExplicitDeny(place) => prop_assert_eq!(applying(Effect::Deny).next().map(|finding| finding.place), Some(place)),
            Decision::Allow(_) | Decision::ImplicitDeny(_) => prop_assert_eq!(applying(Effect::Deny).count(), 0),
        }
        prop_assert!(!proof.to_string().contains("  \n"));
    }

    #[test]
    fn the_nearest_change_turns_it(case in generate::case()) {
        let outcome = decide(&case);
        let allowed = matches!(outcome.decision, Decision::Allow(_));
        // Only what root may without any statement has none near it that could turn it.
        let is_free = case["principal"] == "root" && allowed;
        prop_assert!(is_free || !outcome.proof.nearest.is_empty());
        if !outcome.proof.nearest.is_empty() {
            let changed = changed(&case, &outcome.proof);
            prop_assert_eq!(allows(&changed), !allowed, "{}\n{}", outcome.proof, changed);
        }
    }

    #[test]
    fn no_permission_takes_one_away_and_no_denial_gives_one(
        case in generate::case(), added in generate::statement(false), denial in prop::bool::ANY,
    ) {
        let mut more = case.clone();
        let mut statement = added;
        statement["Effect"] = json!(if denial { "Deny" } else { "Allow" });
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        more["identity"].as_array_mut().expect("policies").push(document);
        match denial {
            true => prop_assert!(allows(&case) || !allows(&more)),
            false => prop_assert!(!allows(&case) || allows(&more)),
        }
    }

    #[test]
    fn keys_that_no_policy_asks_for_decide_nothing(case in generate::case()) {
        let mut keys = std::collections::BTreeSet::new();
        for (document, kind) in documents(&case) {
            keys.extend(Policy::parse(&document.to_string(), kind).expect("a policy").keys());
        }
        let mut less = case.clone();
        less["context"].as_object_mut().expect("a context").retain(|key, _| keys.contains(&key.to_ascii_lowercase()));
        prop_assert_eq!(decide(&case).decision, decide(&less).decision);
    }
}

/// Every document that is one character away from a policy is read or refused, and what is read decides.
#[test]
fn broken_documents_end() {
    let document = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["111122223333","*"]},"Action":["s3:G*t","*"],"Resource":"arn:aws:s3:::${aws:username, 'a'}/?","Condition":{"ForAnyValue:StringLikeIfExists":{"k":["a*",1,true]},"IpAddress":{"k":"::/0"}}}]}"#;
    for at in 0..document.len() {
        for with in ["", "\"", "{", "]", "$", "*", "é", "0"] {
            let mut broken = document.to_owned();
            broken.replace_range(at..=at, with);
            for kind in [
                Kind::Identity,
                Kind::Resource,
                Kind::Trust,
                Kind::Authorizer,
            ] {
                if let Err(error) = Policy::parse(&broken, kind) {
                    assert!(!error.to_string().is_empty() && !error.message().is_empty());
                }
            }
        }
    }
}
