//! A definition made to run: what Tollgate refuses to serve is taken out, so that all else can be tried.
//!
//! Who may call is never asked here. An AWS integration with templates becomes an HTTP one, so that its templates run; what it calls is
//! made up anyway. A method of which nothing is left that could run is kept as a blank: it still takes its place in the tree of routes.

use std::collections::HashSet;
use std::sync::Arc;

use tollgate_gateway::plan::honour::{self, Refusal};
use tollgate_gateway::plan::{ApiFacts, Plans, StagePlan};
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_telemetry::Counters;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{Integration, Stage};

use crate::Options;

/// The id of the API that a definition becomes.
pub(crate) const API: &str = "check";
/// The stage that it is put on.
pub(crate) const STAGE: &str = "check";
/// Refusals are taken out in so many rounds; each finds what the one before hid.
const ROUNDS_MAX: usize = 4;

/// What can be run of a definition.
pub(crate) struct Runnable {
    /// Nothing when even what is left does not compile.
    pub(crate) plan: Option<StagePlan>,
    /// What a deployment would be refused for.
    pub(crate) refused: Vec<Refusal>,
    /// The methods that are blanks: `GET /pets`.
    pub(crate) blank: HashSet<String>,
}

/// Makes a definition run.
pub(crate) fn of(definition: &Definition, options: &Options) -> Runnable {
    let mut refused = honour::of_definition(definition);
    let mut blank = HashSet::new();
    let mut soft = softened(definition, &mut blank);
    let plans = Plans::new(Counters::new(1));
    let api = Arc::new(ApiFacts {
        id: API.into(),
        account: "000000000000".into(),
        region: "us-east-1".into(),
    });
    let stage = stage(definition, options);
    for _ in 0..ROUNDS_MAX {
        match plans.plan(api.clone(), &soft, &stage) {
            Ok(plan) => {
                return Runnable {
                    plan: Some(plan),
                    refused,
                    blank,
                };
            }
            Err(more) => {
                take_out(&mut soft, &more, &mut blank);
                refused.extend(more);
            }
        }
    }
    Runnable {
        plan: None,
        refused,
        blank,
    }
}

/// Where no values were given, every variable that the definition names gets one that can stand nearly anywhere.
fn stage(definition: &Definition, options: &Options) -> Stage {
    let mut variables: Map<Option<String>> = Map::default();
    if options.stage_variables.is_empty() {
        for name in named(definition) {
            variables.insert(name, Some("1".to_owned()));
        }
    }
    for (name, value) in &options.stage_variables {
        variables.insert(name.clone(), Some(value.clone()));
    }
    Stage {
        stage_name: Some(STAGE.to_owned()),
        variables: Some(variables),
        ..Stage::default()
    }
}

/// The names behind `stageVariables.` in what the methods hold.
fn named(definition: &Definition) -> Vec<String> {
    const PREFIX: &str = "stageVariables.";
    let mut names = Vec::new();
    for it in &definition.methods {
        let text = tollgate_wire::json::to_vec(&it.method);
        let text = String::from_utf8_lossy(&text);
        for (at, _) in text.match_indices(PREFIX) {
            let rest = &text[at + PREFIX.len()..];
            let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let end = rest
                .find(|character| !is_part(character))
                .unwrap_or(rest.len());
            names.push(rest[..end].to_owned());
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn softened(definition: &Definition, blank: &mut HashSet<String>) -> Definition {
    let mut soft = definition.clone();
    soft.api.policy = None;
    soft.api.security_policy = None;
    soft.api.endpoint_access_mode = None;
    soft.api.endpoint_configuration = None;
    soft.api.disable_execute_api_endpoint = None;
    for it in &mut soft.methods {
        it.method.authorization_type = Some("NONE".to_owned());
        it.method.authorizer_id = None;
        it.method.authorization_scopes = None;
        it.method.api_key_required = None;
        let label = label(it);
        let Some(integration) = &mut it.method.method_integration else {
            blank.insert(label);
            continue;
        };
        if soften(integration) {
            blank.insert(label);
        }
    }
    soft
}

/// Whether nothing is left that could run.
fn soften(integration: &mut Integration) -> bool {
    integration.connection_type = None;
    integration.connection_id = None;
    integration.integration_target = None;
    integration.response_transfer_mode = None;
    match integration.type_.as_deref() {
        Some("MOCK" | "HTTP" | "HTTP_PROXY") => false,
        Some("AWS") => {
            integration.type_ = Some("HTTP".to_owned());
            integration.http_method = Some("POST".to_owned());
            integration.uri = Some("http://backend.invalid/".to_owned());
            integration.credentials = None;
            by_status(integration);
            false
        }
        _ => {
            *integration = empty();
            true
        }
    }
}

/// Patterns of AWS integrations are for the words of an error. A made-up answer has a status instead, which chooses the response of
/// that status.
fn by_status(integration: &mut Integration) {
    for (key, response) in integration.integration_responses.iter_mut().flatten() {
        let has_pattern = response
            .selection_pattern
            .as_ref()
            .is_some_and(|it| !it.is_empty());
        if has_pattern {
            let status = response.status_code.clone().unwrap_or_else(|| key.clone());
            response.selection_pattern = Some(status);
        }
    }
}

fn empty() -> Integration {
    Integration {
        type_: Some("MOCK".to_owned()),
        ..Integration::default()
    }
}

fn label(it: &MethodOf) -> String {
    let name = it.method.http_method.as_deref().unwrap_or_default();
    format!("{name} {}", it.resource_id)
}

fn take_out(definition: &mut Definition, refusals: &[Refusal], blank: &mut HashSet<String>) {
    let members: Vec<&str> = refusals.iter().map(|it| it.member.as_str()).collect();
    let named = |prefix: &str| -> HashSet<&str> {
        members
            .iter()
            .filter_map(|it| it.strip_prefix(prefix))
            .collect()
    };
    let kinds = named("gateway response ");
    let is_kept =
        |name: Option<&str>, gone: &HashSet<&str>| !name.is_some_and(|it| gone.contains(it));
    definition
        .gateway_responses
        .retain(|it| is_kept(it.response_type.as_deref(), &kinds));
    let paths = named("path of resource ");
    definition
        .resources
        .retain(|it| is_kept(it.path.as_deref(), &paths));
    definition
        .methods
        .retain(|it| !paths.contains(it.resource_id.as_str()));
    let owners = members.iter().filter_map(|it| it.split_once(" of "));
    let owners: HashSet<&str> = owners.map(|(_, owner)| owner).collect();
    for it in &mut definition.methods {
        let label = label(it);
        if owners.contains(label.as_str()) {
            it.method.method_integration = Some(empty());
            blank.insert(label);
        }
    }
}
