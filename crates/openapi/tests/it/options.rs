//! The parameters of an import.

use tollgate_openapi::{ImportError, Options, Variables};

use crate::{import, shown};

/// Imports with parameters, and gives the paths of the resources.
fn paths(document: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let mut options = Options::default();
    options.take_parameters(parameters.iter().copied()).unwrap();
    let imported = tollgate_openapi::import(document.as_bytes(), &options).unwrap();
    imported
        .definition
        .resources
        .into_iter()
        .map(|resource| resource.path.unwrap())
        .collect()
}

#[test]
fn base_paths() {
    let swagger = |base: &str| {
        format!(
            r#"{{"swagger": "2.0", "basePath": "{base}", "paths": {{"/e": {{}}, "/f": {{}}}}}}"#
        )
    };
    let servers = |servers: &str| {
        format!(
            r#"{{"openapi": "3.0.1", "servers": {servers}, "paths": {{"/e": {{}}, "/": {{}}}}}}"#
        )
    };
    let cases = [
        // The example of the developer guide.
        (swagger("/a/b/c"), "ignore", "/ /e /f"),
        (
            swagger("/a/b/c"),
            "prepend",
            "/ /a /a/b /a/b/c /a/b/c/e /a/b/c/f",
        ),
        (swagger("/a/b/c"), "split", "/ /b /b/c /b/c/e /b/c/f"),
        (swagger("/"), "prepend", "/ /e /f"),
        (swagger(""), "split", "/ /e /f"),
        (
            servers(r#"[{"url": "https://x.org/a/b/"}]"#),
            "prepend",
            "/ /a /a/b /a/b/e",
        ),
        (servers(r#"[{"url": "https://x.org"}]"#), "prepend", "/ /e"),
        (
            servers(r#"[{"url": "/only/path?query"}]"#),
            "split",
            "/ /path /path/e",
        ),
        (servers(r#"[]"#), "prepend", "/ /e"),
        // A variable named basePath wins over every URL, the first of several.
        (
            servers(
                r#"[{"url": "https://x.org/url"}, {"url": "/", "variables": {"basePath": {"default": "var"}}}]"#,
            ),
            "prepend",
            "/ /var /var/e",
        ),
        (
            servers(
                r#"[{"url": "https://{h}/{s}/v1", "variables": {"h": {"default": "x.org"}, "s": {"default": "prod"}}}]"#,
            ),
            "prepend",
            "/ /prod /prod/v1 /prod/v1/e",
        ),
    ];
    for (document, treatment, expected) in cases {
        assert_eq!(
            paths(&document, &[("basepath", treatment)]).join(" "),
            expected,
            "{document} {treatment}"
        );
    }
}

#[test]
fn a_parameter_nobody_knows_is_refused_by_name() {
    let cases = [
        ("mode", "merge"),
        ("basepath", "keep"),
        ("endpointConfigurationTypes", "EDGE,LOCAL"),
        ("ignore", "models"),
        ("failonwarnings", "maybe"),
        ("Basepath", "split"),
    ];
    for (name, value) in cases {
        let refused = Options::default().take_parameters([(name, value)]);
        let Err(ImportError::Parameter(text)) = refused else {
            panic!("{name}={value} was taken")
        };
        assert_eq!(
            text,
            format!("Tollgate cannot honour the import parameter '{name}' with value '{value}'")
        );
    }
}

#[test]
fn endpoint_types_come_from_the_call() {
    let mut options = Options::default();
    options
        .take_parameters([("endpointConfigurationTypes", "REGIONAL")])
        .unwrap();
    let imported = tollgate_openapi::import(br#"{"swagger": "2.0"}"#, &options).unwrap();
    assert_eq!(
        shown(&imported)["api"]["endpointConfiguration"]["types"],
        serde_json::json!(["REGIONAL"])
    );
    assert!(
        import(r#"{"swagger": "2.0"}"#)
            .definition
            .api
            .endpoint_configuration
            .is_none()
    );
}

#[test]
fn documentation_can_be_ignored() {
    let document = br#"{"swagger": "2.0", "x-amazon-apigateway-documentation": {"documentationParts": [{"location": {"type": "API"}, "properties": {"description": "it"}}]}}"#;
    let mut options = Options::default();
    let parts = |options: &Options| {
        let imported = tollgate_openapi::import(document, options).unwrap();
        imported.definition.documentation_parts.len()
    };
    assert_eq!(parts(&options), 1);
    options
        .take_parameters([("ignore", "documentation")])
        .unwrap();
    assert_eq!(parts(&options), 0);
    let alone = tollgate_openapi::import_documentation(document, &options).unwrap();
    assert_eq!(alone.0.len(), 1);
}

#[test]
fn warnings_refuse_when_asked() {
    let document = r#"{"swagger": "2.0", "paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "mock", "requestParameters": {"integration.request.header.a": true}}}}}}"#;
    let warning = "Invalid format for 'requestParameters'. Expected type string for property 'integration.request.header.a' of resource '/a' and method 'GET' but got 'true'";
    assert_eq!(import(document).warnings, [warning]);
    let options = Options {
        fail_on_warnings: true,
        ..Options::default()
    };
    let refused = tollgate_openapi::import(document.as_bytes(), &options).unwrap_err();
    assert_eq!(
        refused.message(),
        format!("Warnings found during import:\n\t{warning}")
    );
}

#[test]
fn variables_take_the_callers_values() {
    let variables = Variables {
        account: "123456789012".into(),
        partition: "aws-cn".into(),
        region: "cn-north-1".into(),
    };
    let options = Options {
        variables,
        ..Options::default()
    };
    let document = r#"{"swagger": "2.0", "info": {"title": "${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::Other}"}}"#;
    let imported = tollgate_openapi::import(document.as_bytes(), &options).unwrap();
    assert_eq!(
        imported.definition.api.name.unwrap(),
        "aws-cn cn-north-1 123456789012 ${AWS::Other}"
    );
}

#[test]
fn binding_gives_every_part_its_id_once() {
    let document =
        std::fs::read_to_string(crate::folder("inputs").join("validators.json")).unwrap();
    let circular = std::fs::read_to_string(
        crate::folder("recorded").join("import_with_circular_models.document.json"),
    )
    .unwrap();
    let mut asked = Vec::new();
    let mut imported = import(&document);
    imported.bind("api1", |part| {
        asked.push(format!("{part:?}"));
        format!("id{}", asked.len())
    });
    let unique: std::collections::HashSet<&String> = asked.iter().collect();
    assert_eq!(unique.len(), asked.len());
    let notes = imported
        .definition
        .resources
        .iter()
        .find(|resource| resource.path.as_deref() == Some("/notes"))
        .unwrap();
    let root = imported.definition.api.root_resource_id.clone();
    assert_eq!(notes.parent_id, root);
    for of in &imported.definition.methods {
        assert_eq!(Some(&of.resource_id), notes.id.as_ref());
        let integration = of.method.method_integration.as_ref().unwrap();
        assert_eq!(integration.cache_namespace, notes.id);
        let validator = imported
            .definition
            .validators
            .iter()
            .find(|validator| validator.id == of.method.request_validator_id);
        assert!(validator.is_some(), "{:?}", of.method.request_validator_id);
    }

    let mut imported = import(&circular);
    imported.bind("api1", |part| part.name().to_owned());
    let house = imported
        .definition
        .models
        .iter()
        .find(|model| model.name.as_deref() == Some("House"))
        .unwrap();
    assert!(
        house
            .schema
            .as_ref()
            .unwrap()
            .contains(r#""$ref" : "https://apigateway.amazonaws.com/restapis/api1/models/Person""#)
    );
}
