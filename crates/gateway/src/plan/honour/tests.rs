//! The table against the service's model, and what it refuses.

use std::collections::BTreeSet;
use std::path::Path;

use tollgate_model::rest::MethodOf;
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{
    AccessLogSettings, Authorizer, CanarySettings, EndpointConfiguration, GatewayResponse,
    Integration, IntegrationResponse, Method, MethodSetting, Model, RequestValidator, Resource,
};
use tollgate_wire::schema::{self, Structure};

use super::*;
use crate::plan::Plans;

/// What a plan reads; everything else hangs below.
const ROOTS: [&Structure; 8] = [
    Authorizer::SCHEMA,
    RestApi::SCHEMA,
    Resource::SCHEMA,
    Method::SCHEMA,
    Model::SCHEMA,
    RequestValidator::SCHEMA,
    GatewayResponse::SCHEMA,
    Stage::SCHEMA,
];

fn members_of(shape: &str) -> Option<Members> {
    TABLE
        .iter()
        .find(|(name, _)| *name == shape)
        .map(|(_, members)| *members)
}

fn structure_in(shape: &'static schema::Shape) -> Option<&'static Structure> {
    match shape {
        schema::Shape::Structure(structure) => Some(structure),
        schema::Shape::List(item, _) | schema::Shape::Map(item, _) => structure_in(item),
        _ => None,
    }
}

fn walk(
    structure: &'static Structure,
    seen: &mut BTreeSet<&'static str>,
    faults: &mut Vec<String>,
) {
    if !seen.insert(structure.name) {
        return;
    }
    let Some(members) = members_of(structure.name) else {
        faults.push(format!("{} is not in the table", structure.name));
        return;
    };
    for member in structure.members {
        let of = || format!("{}.{}", structure.name, member.wire_name);
        match members.iter().find(|(name, _)| *name == member.wire_name) {
            None => faults.push(format!("{} is not in the table", of())),
            Some((_, Within(shape) | Each(shape))) => match structure_in(member.shape) {
                Some(inner) if inner.name == *shape => walk(inner, seen, faults),
                _ => faults.push(format!("{} is no {shape}", of())),
            },
            Some((_, Honoured | RefusedUnless(..))) if structure_in(member.shape).is_some() => {
                faults.push(format!("the members of {} are not looked into", of()));
            }
            Some(_) => {}
        }
    }
    for (name, _) in members {
        if structure.index_of(name).is_none() {
            faults.push(format!("{}.{name} is not in the model", structure.name));
        }
    }
}

#[test]
fn every_member_that_a_plan_could_read_is_in_the_table() {
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    for root in ROOTS {
        walk(root, &mut seen, &mut faults);
    }
    assert_eq!(faults, Vec::<String>::new());
    let unreached: Vec<_> = TABLE
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !seen.contains(name))
        .collect();
    assert_eq!(unreached, Vec::<&str>::new());
}

fn check_method(method: Method, expected: &[&str]) {
    let definition = Definition {
        resources: vec![Resource {
            id: Some("r".to_owned()),
            path: Some("/pets".to_owned()),
            ..Resource::default()
        }],
        methods: vec![MethodOf {
            resource_id: "r".to_owned(),
            method: Method {
                http_method: Some("GET".to_owned()),
                ..method
            },
        }],
        ..Definition::default()
    };
    let members: Vec<_> = of_definition(&definition)
        .into_iter()
        .map(|refusal| refusal.member)
        .collect();
    assert_eq!(members, expected);
}

fn with_integration(integration: Integration) -> Method {
    Method {
        authorization_type: Some("NONE".to_owned()),
        method_integration: Some(integration),
        ..Method::default()
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn what_would_admit_others_than_meant_is_refused() {
    for kind in ["CUSTOM", "cognito_user_pools", "aws_iam", ""] {
        let method = Method {
            authorization_type: text(kind),
            ..Method::default()
        };
        check_method(method, &["authorizationType of GET /pets"]);
    }
    let signed = Method {
        authorization_type: text("AWS_IAM"),
        ..Method::default()
    };
    check_method(signed, &[]);
}

/// A key that an authorizer gives is none while no authorizer runs; where no method asks for one, the source says nothing.
#[test]
fn keys_come_in_the_header() {
    for (source, required, expected) in [
        ("HEADER", true, &[][..]),
        ("AUTHORIZER", false, &[]),
        ("AUTHORIZER", true, &["apiKeySource of the API"]),
    ] {
        let method = Method {
            api_key_required: Some(required),
            ..Method::default()
        };
        let definition = Definition {
            api: RestApi {
                api_key_source: text(source),
                ..RestApi::default()
            },
            methods: vec![MethodOf {
                resource_id: "r".to_owned(),
                method,
            }],
            ..Definition::default()
        };
        let refused = of_definition(&definition);
        let members: Vec<_> = refused.into_iter().map(|it| it.member).collect();
        assert_eq!(members, expected, "{source} {required}");
    }
}

#[test]
fn integrations_that_are_not_served_are_refused_member_by_member() {
    for kind in ["AWS", "AWS_PROXY", "http"] {
        let integration = Integration {
            type_: text(kind),
            ..Integration::default()
        };
        check_method(
            with_integration(integration),
            &["methodIntegration.type of GET /pets"],
        );
    }
    let response = IntegrationResponse {
        content_handling: text("CONVERT"),
        ..IntegrationResponse::default()
    };
    let integration = Integration {
        type_: text("HTTP"),
        connection_type: text("VPC_LINK"),
        response_transfer_mode: text("STREAM"),
        content_handling: text("CONVERT_TO_TEXT"),
        integration_responses: Some([("200".to_owned(), response)].into_iter().collect()),
        ..Integration::default()
    };
    let mut refused = [
        "methodIntegration.connectionType of GET /pets",
        "methodIntegration.integrationResponses.200.contentHandling of GET /pets",
        "methodIntegration.responseTransferMode of GET /pets",
    ];
    refused.sort_unstable();
    let definition_order = |method| {
        let definition = Definition {
            methods: vec![MethodOf {
                resource_id: "/pets".to_owned(),
                method,
            }],
            ..Definition::default()
        };
        let mut members: Vec<_> = of_definition(&definition)
            .into_iter()
            .map(|it| it.member)
            .collect();
        members.sort_unstable();
        members
    };
    let method = Method {
        http_method: text("GET"),
        ..with_integration(integration)
    };
    assert_eq!(definition_order(method), refused);
}

#[test]
fn policies_that_are_none_and_private_apis_that_nobody_could_call_are_refused() {
    let private = EndpointConfiguration {
        types: Some(vec!["PRIVATE".to_owned()]),
        ..EndpointConfiguration::default()
    };
    let private = RestApi {
        endpoint_configuration: Some(private),
        ..RestApi::default()
    };
    let refused = |plans: Plans, api: &RestApi| -> Vec<String> {
        let definition = Definition {
            api: api.clone(),
            ..Definition::default()
        };
        let refused = plans.prepare(&definition, &Stage::default());
        let refused = refused.err().unwrap_or_default().into_iter();
        refused.map(|it| it.member).collect()
    };
    let plans = || Plans::new(Counters::new(1));
    let with_policy = |policy: &str, api: &RestApi| RestApi {
        policy: text(policy),
        ..api.clone()
    };
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    let (policy, endpoint) = (
        "policy of the API",
        "endpointConfiguration.types of the API",
    );
    let (none, private_endpoints) = (Vec::<String>::new(), || plans().with_private_endpoints());
    assert_eq!(
        refused(plans(), &with_policy("{}", &RestApi::default())),
        [policy]
    );
    assert_eq!(
        refused(plans(), &with_policy(deny, &RestApi::default())),
        none
    );
    assert_eq!(
        refused(plans(), &with_policy("", &RestApi::default())),
        none
    );
    assert_eq!(refused(plans(), &with_policy(deny, &private)), [endpoint]);
    assert_eq!(
        refused(private_endpoints(), &with_policy(deny, &private)),
        none
    );
    assert_eq!(refused(private_endpoints(), &private), [policy]);
}

fn check_stage(stage: Stage, expected: &[&str]) {
    let stage = Stage {
        stage_name: text("dev"),
        ..stage
    };
    let members: Vec<_> = of_stage(&stage)
        .into_iter()
        .map(|refusal| refusal.member)
        .collect();
    assert_eq!(members, expected);
}

#[test]
fn stages_are_refused_for_what_they_would_do_to_traffic() {
    let canary = Stage {
        canary_settings: Some(CanarySettings {
            percent_traffic: Some(50.0),
            use_stage_cache: Some(true),
            ..CanarySettings::default()
        }),
        ..Stage::default()
    };
    check_stage(canary, &[]);
    let logged = Stage {
        access_log_settings: Some(AccessLogSettings {
            format: text("$context.requestId"),
            destination_arn: text("arn:aws:logs:us-east-1:000000000000:log-group:x"),
        }),
        cache_cluster_enabled: Some(false),
        tracing_enabled: Some(true),
        ..Stage::default()
    };
    check_stage(logged, &[]);
    let throttled = |rate, burst| Stage {
        method_settings: Some(
            [(
                "*/*".to_owned(),
                MethodSetting {
                    throttling_rate_limit: Some(rate),
                    throttling_burst_limit: Some(burst),
                    metrics_enabled: Some(true),
                    ..MethodSetting::default()
                },
            )]
            .into_iter()
            .collect(),
        ),
        ..Stage::default()
    };
    check_stage(throttled(10_000.0, 5_000), &[]);
    check_stage(throttled(10.0, 7), &[]);
}

/// A row of the table of refused settings in `docs/compatibility.md`.
fn row(shape: &str, member: &str, standing: Standing) -> Option<String> {
    let quoted = |texts: &[&str]| {
        let name = |text: &&str| {
            if text.is_empty() {
                "none".to_owned()
            } else {
                format!("`{text}`")
            }
        };
        texts.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let (taken, reason) = match standing {
        Honoured | WithoutEffect(_) | Within(_) | Each(_) => return None,
        Refused(reason) => ("nothing".to_owned(), reason),
        RefusedUnless(allowed, reason) => match allowed {
            Texts(texts) => (quoted(texts), reason),
            ListOf([]) => ("an empty list".to_owned(), reason),
            ListOf(texts) => (format!("a list of {}", quoted(texts)), reason),
            False => ("`false`".to_owned(), reason),
        },
    };
    Some(format!("| `{shape}.{member}` | {taken} | {reason} |\n"))
}

#[test]
fn the_guide_lists_what_is_refused() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let guide = std::fs::read_to_string(path).expect("docs/compatibility.md");
    let members = TABLE.iter().flat_map(|(shape, members)| {
        members
            .iter()
            .map(move |(member, standing)| (shape, member, standing))
    });
    let expected: String = members
        .filter_map(|(shape, member, standing)| row(shape, member, *standing))
        .collect();
    let start = "| setting | taken all the same | why it is refused |\n| --- | --- | --- |\n";
    let (_, table) = guide.split_once(start).expect("a table of settings");
    let table: String = table
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(table == expected, "the table must be\n\n{start}{expected}");
}
