//! Templates with what they render, or where and why they fail. A case may have a body, what else is known of the request, and the
//! overrides that the template leaves.

use tollgate_vtl::{Limits, Overrides, Template};

use crate::case::{Case, cases};
use crate::world::World;

struct Answer {
    section: &'static str,
    text: String,
    overrides: String,
}

fn answer(case: &Case) -> Answer {
    let world = World {
        body: case.section("body").unwrap_or_default().to_owned(),
        known: serde_json::from_str(case.section("known").unwrap_or("{}")).unwrap(),
    };
    let mut overrides = Overrides::default();
    let template = case.section("template").unwrap();
    let rendered = Template::parse(template)
        .and_then(|template| template.render(&world, &mut overrides, &Limits::AWS));
    let (section, text) = match rendered {
        Ok(text) => ("output", text),
        Err(error) => ("error", error.to_string()),
    };
    Answer {
        section,
        text,
        overrides: shown(&overrides),
    }
}

fn shown(overrides: &Overrides) -> String {
    let mut lines = Vec::new();
    for part in ["path", "querystring", "header"] {
        lines.extend(
            overrides
                .request(part)
                .into_iter()
                .map(|(name, values)| format!("{part} {name} {values:?}")),
        );
    }
    let headers = overrides.response_headers().into_iter();
    lines.extend(headers.map(|(name, values)| format!("response {name} {values:?}")));
    lines.extend(overrides.status().map(|status| format!("status {status}")));
    lines.join("\n")
}

#[test]
fn every_case_holds() {
    let cases = cases("cases");
    let differing: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let answer = answer(case);
            let expected = case.section(answer.section);
            let overrides = case.section("overrides").unwrap_or_default();
            let as_expected = match (expected, case.is("error", "begins")) {
                (Some(expected), true) => answer.text.starts_with(expected),
                (expected, _) => expected == Some(&answer.text),
            };
            let holds = as_expected && (answer.section == "error" || overrides == answer.overrides);
            (!holds).then(|| {
                format!(
                    "{}\n  template {:?}\n  expected {expected:?} {overrides:?}\n       got {} {:?} {:?}",
                    case.name,
                    case.section("template").unwrap(),
                    answer.section,
                    answer.text,
                    answer.overrides
                )
            })
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        cases.len(),
        differing.join("\n")
    );
    assert!(cases.len() > 200);
}
