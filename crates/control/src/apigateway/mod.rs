//! The `apigateway` API, version 2015-07-09: REST APIs and their parts, one file per resource.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html>

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod authorizers;
mod clones;
pub(crate) mod deployments;
pub(crate) mod documentation_parts;
pub(crate) mod documentation_versions;
mod export;
pub(crate) mod gateway_responses;
pub(crate) mod import;
pub(crate) mod integration_responses;
pub(crate) mod integrations;
mod mapping;
pub(crate) mod method_responses;
pub(crate) mod methods;
mod model_schemas;
pub(crate) mod models;
pub(crate) mod request_validators;
pub(crate) mod resources;
pub(crate) mod rest_apis;
pub(crate) mod sdk_types;
pub(crate) mod stages;
pub(crate) mod tags;
pub(crate) mod test_invoke;
pub(crate) mod tree;
pub(crate) mod usage;
pub(crate) mod usage_plan_keys;
pub(crate) mod usage_plans;

use crate::operations::Operations;

/// Every operation served.
pub(crate) fn operations() -> Operations {
    let mut served = Operations::default();
    let on = &mut served;
    rest_apis::operations(on);
    import::operations(on);
    resources::operations(on);
    methods::operations(on);
    method_responses::operations(on);
    integrations::operations(on);
    integration_responses::operations(on);
    models::operations(on);
    request_validators::operations(on);
    gateway_responses::operations(on);
    authorizers::operations(on);
    documentation_parts::operations(on);
    documentation_versions::operations(on);
    accounts::operations(on);
    sdk_types::operations(on);
    deployments::operations(on);
    stages::operations(on);
    export::operations(on);
    tags::operations(on);
    test_invoke::operations(on);
    api_keys::operations(on);
    usage_plans::operations(on);
    usage_plan_keys::operations(on);
    usage::operations(on);
    served
}
