//! Every template that API Gateway's answer was recorded for.

use tollgate_vtl::{Limits, Nothing, Overrides, Template};

use crate::case::{Case, cases};
use crate::world::World;

/// As on AWS: the variables come as the body, and one `#set` each stands before the template.
fn answer(case: &Case) -> String {
    let variables = case.section("variables").unwrap_or("{}");
    let names: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(variables).unwrap();
    let sets: String = names
        .keys()
        .map(|name| format!("#set(${name} = $bodyJSON.{name})"))
        .collect();
    let text = format!(
        "#set($bodyJSON = $util.parseJson($input.body)){sets}\n{}",
        case.section("template").unwrap()
    );
    let world = World {
        body: variables.to_owned(),
        ..World::default()
    };
    match Template::parse(&text)
        .and_then(|template| template.render(&world, &mut Overrides::default(), &Limits::AWS))
    {
        Ok(text) => text,
        Err(error) => format!("ERROR {error}"),
    }
}

#[test]
fn every_recorded_answer_holds() {
    let cases = cases("recorded");
    let differing: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let (expected, answer) = (case.section("output").unwrap(), answer(case));
            let holds = if case.is("output", "trimmed") {
                expected.trim() == answer.trim()
            } else {
                expected == answer
            };
            (!holds).then(|| {
                format!(
                    "{}\n expected {expected:?}\n      got {answer:?}",
                    case.name
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
    assert_eq!(cases.len(), 154);
}

#[test]
fn a_template_without_a_request_renders() {
    let template =
        Template::parse("$input.body$input.json('$.a')$context.stage$!stageVariables.x").unwrap();
    let rendered = template.render(&Nothing, &mut Overrides::default(), &Limits::default());
    assert_eq!(rendered.as_deref(), Ok("{}\"\""));
}

#[test]
fn templates_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Template>();
}

#[test]
fn loops_leave_out_what_is_beyond_their_rounds() {
    let template = Template::parse(
        "#foreach($i in [1..1500])#if($foreach.count > 999)$i $foreach.hasNext #end#end",
    )
    .unwrap();
    let rendered = template.render(&Nothing, &mut Overrides::default(), &Limits::AWS);
    assert_eq!(rendered.as_deref(), Ok("1000 true "));
}
