//! Limits that take too much room to be written out.

use serde_json::{Map, Value, json};
use tollgate_doctor::{Code, Options, Severity, check};

/// What is told of limits, as `severity code: reason`.
fn told(document: &Value, options: &Options) -> Vec<String> {
    let found = check(document.to_string().as_bytes(), options).into_iter();
    let found = found.filter(|it| matches!(it.code, Code::LimitNear | Code::LimitExceeded));
    found
        .map(|it| format!("{} {}: {}", it.severity.name(), it.code.name(), it.reason))
        .collect()
}

fn mock(request: &str) -> Value {
    json!({
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": request},
            "responses": {"default": {"statusCode": 200}},
        },
    })
}

fn api(paths: Map<String, Value>) -> Value {
    json!({"openapi": "3.0.1", "info": {"title": "limits", "version": "1"}, "paths": paths})
}

fn resources(count: usize) -> Value {
    let paths = (1..count).map(|number| {
        let path = format!("/r{number}");
        (path, json!({"get": mock("{\"statusCode\": 200}")}))
    });
    api(paths.collect())
}

fn template(bytes: usize) -> Value {
    let text = format!("{{\"statusCode\": 200}}{}", " ".repeat(bytes - 19));
    let path = ("/".to_owned(), json!({"get": mock(&text)}));
    api(Map::from_iter([path]))
}

fn policy(characters: usize) -> Value {
    let mut document = resources(2);
    // Its JSON has two marks around the text and one name before it.
    let text = "x".repeat(characters - 9);
    document["x-amazon-apigateway-policy"] = json!({"Id": text});
    document
}

fn models(bytes: usize) -> Value {
    let mut document = resources(2);
    let text = "x".repeat(bytes);
    document["components"] = json!({"schemas": {"Large": {"type": "object", "title": text}}});
    document
}

#[test]
fn four_fifths_are_near_and_more_is_exceeded() {
    let near = "note limit-near: ";
    let over = "warning limit-exceeded: ";
    for (document, expected) in [
        (resources(239), vec![]),
        (resources(240), vec![format!("{near}240 resources of an API, of 300 that AWS takes")]),
        (resources(300), vec![format!("{near}300 resources of an API, of 300 that AWS takes")]),
        (resources(301), vec![format!("{over}301 resources of an API; AWS takes 300")]),
        (template(200 * 1024), vec![]),
        (template(250 * 1024), vec![format!("{near}256000 bytes of a mapping template, of 307200 that AWS takes")]),
        (
            template(300 * 1024 + 1),
            vec!["error limit-exceeded: 307201 bytes of a mapping template; AWS and Tollgate take 307200".to_owned()],
        ),
    ] {
        assert_eq!(told(&document, &Options::default()), expected);
    }
    for (document, expected) in [
        (policy(7_000), "note limit-near: "),
        (policy(9_000), "warning limit-exceeded: "),
        (models(350 * 1024), "note limit-near: "),
        (models(450 * 1024), "warning limit-exceeded: "),
    ] {
        let told = told(&document, &Options::default());
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
    }
}

#[test]
fn stage_variables_have_limits_too() {
    let options = Options {
        stage_variables: vec![
            ("n".repeat(65), "v".repeat(500)),
            ("short".to_owned(), "v".repeat(513)),
        ],
        ..Options::default()
    };
    let told = told(&resources(2), &options);
    let expected = [
        "warning limit-exceeded: 65 characters of a stage variable's name; AWS takes 64",
        "note limit-near: 500 characters of a stage variable's value, of 512 that AWS takes",
        "warning limit-exceeded: 513 characters of a stage variable's value; AWS takes 512",
    ];
    for line in expected {
        assert!(told.iter().any(|it| it == line), "{line}: {told:?}");
    }
    assert_eq!(told.len(), expected.len());
}

/// A stage variable that was not given is a note; one that was forgotten among others is a warning.
#[test]
fn what_is_given_of_a_stage_decides_what_is_known() {
    let document = json!({
        "openapi": "3.0.1",
        "info": {"title": "variables", "version": "1"},
        "paths": {"/": {"get": {"x-amazon-apigateway-integration": {
            "type": "http_proxy", "httpMethod": "GET", "uri": "${stageVariables.url}/x?${stageVariables.query}",
        }}}},
    });
    let given = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        let options = Options {
            stage_variables: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Options::default()
        };
        let found = check(document.to_string().as_bytes(), &options).into_iter();
        let found = found.filter(|it| it.code == Code::UnsetStageVariable);
        found.map(|it| it.severity).collect::<Vec<_>>()
    };
    assert_eq!(given(&[]), [Severity::Note, Severity::Note]);
    assert_eq!(given(&[("url", "http://a.example")]), [Severity::Warning]);
    assert_eq!(given(&[("url", "http://a.example"), ("query", "")]), []);
}
