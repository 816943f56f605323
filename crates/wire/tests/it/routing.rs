//! Every operation has its own route, and nothing else has one.

use tollgate_wire::{Operation, OperationVisitor, apigateway};

fn routed(method: &str, target: &str) -> Option<(&'static str, Vec<String>)> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let matched = apigateway::route(method, path, query).ok()?;
    let labels = matched.labels.into_iter().map(|(_, value)| value).collect();
    Some((matched.operation.name, labels))
}

/// Asks for each operation with its own labels as their values.
#[derive(Default)]
struct EachByItsUri(Vec<&'static str>);

impl OperationVisitor for EachByItsUri {
    fn visit<O: Operation>(&mut self) {
        let schema = O::SCHEMA;
        let (name, labels) = routed(schema.method, schema.uri).expect("every operation is routed");
        assert_eq!(name, schema.name);
        assert_eq!(labels.len(), schema.uri.matches('{').count());
        self.0.push(schema.name);
    }
}

#[test]
fn each_operation_is_found_by_its_uri() {
    let mut each = EachByItsUri::default();
    apigateway::visit_operations(&mut each);
    assert_eq!(each.0, apigateway::OPERATIONS);
    assert_eq!(each.0.len(), 124);
    assert!(each.0.is_sorted());
}

#[test]
fn requests_find_their_operations() {
    for (method, target, expected) in [
        ("GET", "/restapis", "GetRestApis"),
        ("GET", "/restapis/", "GetRestApis"),
        ("GET", "/restapis?limit=1", "GetRestApis"),
        ("POST", "/restapis", "CreateRestApi"),
        ("POST", "/restapis?mode=import", "ImportRestApi"),
        (
            "POST",
            "/restapis?failonwarnings=true&mode=import",
            "ImportRestApi",
        ),
        ("POST", "/restapis?mode=other", "CreateRestApi"),
        ("POST", "/restapis?xmode=import", "CreateRestApi"),
        ("PUT", "/restapis/a?mode=overwrite", "PutRestApi"),
        ("POST", "/apikeys", "CreateApiKey"),
        ("POST", "/apikeys?mode=import&format=csv", "ImportApiKeys"),
        ("POST", "/restapis/a/resources/b", "CreateResource"),
        (
            "POST",
            "/restapis/a/resources/b/methods/GET",
            "TestInvokeMethod",
        ),
        ("GET", "/%72estapis/a", "GetRestApi"),
        (
            "PATCH",
            "/restapis/a/resources/b/methods/GET/integration/responses/200/",
            "UpdateIntegrationResponse",
        ),
    ] {
        let found = routed(method, target).map(|(name, _)| name);
        assert_eq!(found, Some(expected), "{method} {target}");
    }
}

#[test]
fn what_no_operation_has_is_not_routed() {
    for (method, target) in [
        ("GET", "/"),
        ("GET", ""),
        ("GET", "restapis"),
        ("GET", "/restapi"),
        ("PUT", "/restapis"),
        ("get", "/restapis"),
        ("GET", "/restapis//stages"),
        ("GET", "/restapis/a//"),
        ("GET", "//restapis"),
        ("GET", "/restapis/a/stages/b/c"),
        ("GET", "/restapis/a/../b"),
        ("GET", "/tags/arn:aws:apigateway:us-east-1::/restapis/a"),
    ] {
        assert_eq!(routed(method, target), None, "{method} {target}");
    }
}
