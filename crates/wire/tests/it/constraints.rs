//! What the model demands, with AWS's texts; the cases marked recorded are AWS's own answers.

use tollgate_wire::apigateway::*;
use tollgate_wire::schema::{self, Bounds, Member, Shape as Schema, Structure, Text};
use tollgate_wire::{DecodeError, Kind, Map, Operation, Reader, Shape, Value, constraints};

use crate::request::{decode, refused};

fn check<O: Operation>(target: &str, body: &str, expected: &[&str]) {
    let refusal = refused::<O>(target, body);
    let count = match expected.len() {
        1 => "1 validation error".to_owned(),
        count => format!("{count} validation errors"),
    };
    assert_eq!(
        refusal.message,
        format!("{count} detected: {}", expected.join("; "))
    );
    assert_eq!(refusal.kind, Kind::Validation);
}

const OPS: &str = "Member must satisfy enum value set: [add, remove, move, test, replace, copy]";
const TYPES: &str = "Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: \
                     Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]";
const ADDRESSES: &str = "Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy \
                         constraint: Member must satisfy enum value set: [ipv4, dualstack]";
const STATUS: &str = r"Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d";

/// Recorded.
#[test]
fn sets_are_named_in_aws_order() {
    check::<PutIntegration>(
        "/restapis/a/resources/b/methods/GET/integration",
        r#"{"type": "HTTPS_PROXY"}"#,
        &[
            "Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum \
           value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
        ],
    );
    check::<CreateDocumentationPart>(
        "/restapis/a/documentation/parts",
        r#"{"location": {"type": "INVALID"}, "properties": "{}"}"#,
        &[
            "Value 'INVALID' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: Member must \
           satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, \
           PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]",
        ],
    );
    check::<GetGatewayResponse>(
        "/restapis/a/gatewayresponses/FAKE_RESPONSE_TYPE",
        "",
        &[
            "Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed to satisfy constraint: Member must satisfy enum value \
           set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, \
           BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, \
           UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, \
           THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]",
        ],
    );
}

/// Recorded.
#[test]
fn all_violations_are_named() {
    let create = |configuration: &str| {
        format!(r#"{{"name": "a", "endpointConfiguration": {configuration}}}"#)
    };
    check::<CreateRestApi>("/restapis", &create(r#"{"types": ["wrong"]}"#), &[TYPES]);
    check::<CreateRestApi>(
        "/restapis",
        &create(r#"{"ipAddressType": "wrong"}"#),
        &[ADDRESSES],
    );
    let both = create(r#"{"ipAddressType": "wrong", "types": ["wrong"]}"#);
    check::<CreateRestApi>("/restapis", &both, &[TYPES, ADDRESSES]);
}

/// Recorded, with the numbers of wrong operations among right ones.
#[test]
fn items_are_named_by_their_place() {
    let op = |place: usize| {
        format!(
            "Value 'wrong_op' at 'updateMethodResponseInput.patchOperations.{place}.member.op' failed to satisfy constraint: {OPS}"
        )
    };
    let target = "/restapis/a/resources/b/methods/GET/responses/200";
    let body = r#"{"patchOperations": [{"op": "wrong_op"}, {"op": "add"}, {"op": "wrong_op", "path": "/a"}]}"#;
    check::<UpdateMethodResponse>(target, body, &[&op(1), &op(3)]);

    // Recorded: the body's members before the path's.
    let target = "/restapis/a/resources/b/methods/GET/responses/wrong";
    check::<UpdateMethodResponse>(
        target,
        r#"{"patchOperations": [{"op": "wrong_op"}]}"#,
        &[&op(1), STATUS],
    );
}

/// Recorded for `wrong`; a pattern is of the whole text, as Java's `matches` is.
#[test]
fn patterns_match_the_whole_text() {
    let target = |status: &str| {
        format!("/restapis/a/resources/b/methods/GET/integration/responses/{status}")
    };
    check::<GetIntegrationResponse>(&target("wrong"), "", &[STATUS]);
    for status in ["2000", "600", "20", "%D9%A1%D9%A1%D9%A1"] {
        assert_eq!(
            refused::<GetIntegrationResponse>(&target(status), "").kind,
            Kind::Validation,
            "{status}"
        );
    }
    decode::<GetIntegrationResponse>(&target("599"), "").unwrap();

    let part = |status: &str| {
        format!(
            r#"{{"properties": "{{}}", "location": {{"type": "RESPONSE", "statusCode": "{status}"}}}}"#
        )
    };
    for status in ["", "  ", "*", "200"] {
        decode::<CreateDocumentationPart>("/restapis/a/documentation/parts", &part(status))
            .unwrap();
    }
    check::<CreateDocumentationPart>(
        "/restapis/a/documentation/parts",
        &part("2**"),
        &[
            r"Value '2**' at 'createDocumentationPartInput.location.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^([1-5]\d\d|\*|\s*)$",
        ],
    );
}

/// The framework's text; no client lets such a request out, so it is not recorded for this service.
#[test]
fn what_is_required_must_not_be_null() {
    let null = |path: &str| {
        format!("Value null at '{path}' failed to satisfy constraint: Member must not be null")
    };
    check::<CreateRestApi>("/restapis", "", &[&null("createRestApiInput.name")]);
    check::<CreateRestApi>(
        "/restapis",
        r#"{"name": null}"#,
        &[&null("createRestApiInput.name")],
    );
    check::<CreateStage>(
        "/restapis/a/stages",
        "{}",
        &[
            &null("createStageInput.stageName"),
            &null("createStageInput.deploymentId"),
        ],
    );
    check::<UntagResource>("/tags/arn", "", &[&null("tagKeys")]);
    check::<ImportRestApi>(
        "/restapis?mode=import",
        "",
        &[&null("importRestApiInput.body")],
    );
    check::<CreateDocumentationPart>(
        "/restapis/a/documentation/parts",
        r#"{"location": {}}"#,
        &[
            &null("createDocumentationPartInput.location.type"),
            &null("createDocumentationPartInput.properties"),
        ],
    );
}

/// Recorded: these are the service's own checks, with texts of their own, and not the framework's.
#[test]
fn what_the_model_does_not_demand_passes() {
    decode::<CreateRestApi>(
        "/restapis",
        r#"{"name": "", "description": "", "minimumCompressionSize": -1}"#,
    )
    .unwrap();
    decode::<PutMethod>(
        "/restapis/a/resources/b/methods/wrong",
        r#"{"authorizationType": "wrong"}"#,
    )
    .unwrap();
    decode::<UpdateRestApi>("/restapis/a", r#"{"patchOperations": [{"op": "add"}]}"#).unwrap();
    decode::<UpdateRestApi>("/restapis/a", r#"{"patchOperations": [{}]}"#).unwrap();
    decode::<CreateResource>("/restapis/a/resources/b", r#"{"pathPart": "a/b"}"#).unwrap();
}

/// What API Gateway's model has none of yet: lengths, ranges, texts in maps, structures in maps.
#[derive(Clone, Debug, Default, PartialEq)]
struct Bounded {
    text: Option<String>,
    number: Option<i32>,
    list: Option<Vec<String>>,
    map: Option<Map<Option<String>>>,
    nested: Option<Map<PatchOperation>>,
}

const fn up_to(min: i64, max: i64) -> Bounds {
    Bounds {
        min: Some(min),
        max: Some(max),
    }
}

static SHORT: Schema = Schema::Text(Text {
    length: up_to(2, 3),
    ..Text::ANY
});
static SMALL: Schema = Schema::Integer(up_to(1, 5));
static LIST: Schema = Schema::List(&SHORT, up_to(0, 2));
static MAP: Schema = Schema::Map(&SHORT, Bounds::NONE);
static NESTED: Schema = Schema::Map(&Schema::Structure(PatchOperation::SCHEMA), Bounds::NONE);
static BOUNDED: Structure = Structure::new(
    "BoundedRequest",
    &[
        Member::body("text", &SHORT),
        Member::body("number", &SMALL),
        Member::body("list", &LIST),
        Member::body("map", &MAP),
        Member::body("nested", &NESTED),
    ],
);
static OPERATION: schema::Operation = schema::Operation {
    name: "DoBounded",
    method: "POST",
    uri: "/",
    status: 200,
    input: &BOUNDED,
    output: None,
};

impl Shape for Bounded {
    const SCHEMA: &'static Structure = &BOUNDED;

    fn write_members(&self, visit: &mut dyn FnMut(usize, &dyn Value)) {
        visit(0, &self.text);
        visit(1, &self.number);
        visit(2, &self.list);
        visit(3, &self.map);
        visit(4, &self.nested);
    }

    fn read_member(&mut self, index: usize, from: &mut dyn Reader) -> Result<(), DecodeError> {
        match index {
            0 => self.text.read(from),
            1 => self.number.read(from),
            2 => self.list.read(from),
            3 => self.map.read(from),
            4 => self.nested.read(from),
            _ => from.skip(),
        }
    }
}

/// The framework's texts, as AWS's other services show them.
#[test]
fn bounds_are_demanded() {
    for (body, expected) in [
        (
            r#"{"text": "ab", "number": 5, "list": ["abc"], "map": {"a": "bcd", "b": null}}"#,
            vec![],
        ),
        // Characters count, not bytes.
        (r#"{"text": "äöü"}"#, vec![]),
        (
            r#"{"text": "a"}"#,
            vec![
                "Value 'a' at 'doBoundedInput.text' failed to satisfy constraint: Member must have length greater than or equal to 2",
            ],
        ),
        (
            r#"{"text": "abcd"}"#,
            vec![
                "Value 'abcd' at 'doBoundedInput.text' failed to satisfy constraint: Member must have length less than or equal to 3",
            ],
        ),
        (
            r#"{"number": 6}"#,
            vec![
                "Value '6' at 'doBoundedInput.number' failed to satisfy constraint: Member must have value less than or equal to 5",
            ],
        ),
        (
            r#"{"number": 0}"#,
            vec![
                "Value '0' at 'doBoundedInput.number' failed to satisfy constraint: Member must have value greater than or equal to 1",
            ],
        ),
        (
            r#"{"list": ["ab", "ab", "ab"]}"#,
            vec![
                "Value '[ab, ab, ab]' at 'doBoundedInput.list' failed to satisfy constraint: Member must have length less than or equal to 2",
            ],
        ),
        (
            r#"{"list": ["a", "b"]}"#,
            vec![
                "Value '[a, b]' at 'doBoundedInput.list' failed to satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 2]",
            ],
        ),
        (
            r#"{"map": {"a": "b"}}"#,
            vec![
                "Value '{a=b}' at 'doBoundedInput.map' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length greater than or equal to 2]",
            ],
        ),
        (
            r#"{"nested": {"a": {"op": "x"}}}"#,
            vec![
                "Value 'x' at 'doBoundedInput.nested.a.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
            ],
        ),
    ] {
        let input: Bounded = tollgate_wire::json::from_slice(body.as_bytes()).unwrap();
        let found = constraints::check(&OPERATION, &input)
            .err()
            .map(|refusal| refusal.message);
        let expected = (!expected.is_empty())
            .then(|| format!("1 validation error detected: {}", expected.join("; ")));
        assert_eq!(found, expected, "{body}");
    }
}
