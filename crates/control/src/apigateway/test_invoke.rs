//! TestInvokeMethod: a method of the API as it is now, called without a deployment.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    Method, Resource, RestApi, TestInvokeMethod, TestInvokeMethodRequest, TestInvokeMethodResponse,
};

use super::{deployments, methods, resources, stages};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::runtime::{TestFault, TestInvocation, TestInvoked};
use crate::session::{Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<TestInvokeMethod, _>(invoke);
}

async fn invoke(
    on: Session,
    input: TestInvokeMethodRequest,
) -> Result<TestInvokeMethodResponse, ApiError> {
    let (api, resource) = resources::find(
        &on,
        input.rest_api_id.as_deref(),
        input.resource_id.as_deref(),
    )
    .await?;
    let http_method = input.http_method.as_deref().unwrap_or_default();
    let method = find_method(&on, &api, &resource, http_method).await?;
    check(&input, &method.it)?;
    let invocation = TestInvocation {
        account: api.key.account.to_string(),
        region: api.key.region.to_string(),
        api_id: api.id().to_owned(),
        definition: deployments::present(&on, &api).await?,
        resource_id: resource.id().to_owned(),
        http_method: http_method.to_owned(),
        headers: headers(&input),
        path_with_query: input.path_with_query_string,
        body: input.body.unwrap_or_default(),
        stage_variables: given(input.stage_variables.as_ref()),
    };
    let invoked = on.shared.runtime.test_invoke(invocation).await;
    invoked.map(shown).map_err(|fault| match fault {
        TestFault::Refused(refusals) => ApiError::bad_request(stages::cannot_honour(&refusals)),
        TestFault::Invalid(text) => ApiError::bad_request(text),
        TestFault::Failed(text) => ApiError::internal(text),
    })
}

/// The method of this name, or the one for any. Recorded: one that is not there is told as an unknown identifier.
async fn find_method(
    on: &Session,
    api: &Stored<RestApi>,
    resource: &Stored<Resource>,
    name: &str,
) -> Result<Stored<Method>, ApiError> {
    for name in [name, "ANY"] {
        if let Some(method) = on.find(&methods::key_of(api, resource.id(), name)).await? {
            return Ok(method);
        }
    }
    Err(ApiError::not_found("Invalid Method identifier specified"))
}

fn check(input: &TestInvokeMethodRequest, method: &Method) -> Result<(), ApiError> {
    if input
        .client_certificate_id
        .as_deref()
        .is_some_and(|id| !id.is_empty())
    {
        return Err(ApiError::bad_request(
            "Tollgate cannot honour clientCertificateId of TestInvokeMethod: client certificates towards backends are not served yet",
        ));
    }
    match method.method_integration {
        Some(_) => Ok(()),
        // Guess: the text of a deployment.
        None => Err(ApiError::bad_request("No integration defined for method")),
    }
}

/// The fields of both members; where both have a name, the one with several values counts.
fn headers(input: &TestInvokeMethodRequest) -> Vec<(String, String)> {
    let several = input.multi_value_headers.iter().flatten();
    let several: Vec<_> = several
        .flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())))
        .collect();
    let mut single = given(input.headers.as_ref());
    single.retain(|(name, _)| !several.iter().any(|(known, _)| known == name));
    single.extend(several);
    single
}

fn given(map: Option<&Map<Option<String>>>) -> Vec<(String, String)> {
    let entries = map.into_iter().flatten();
    entries
        .map(|(name, value)| (name.clone(), value.clone().unwrap_or_default()))
        .collect()
}

fn shown(invoked: TestInvoked) -> TestInvokeMethodResponse {
    let mut several: Map<Vec<String>> = Map::new();
    for (name, value) in invoked.headers {
        several.entry(name).or_default().push(value);
    }
    let last = several
        .iter()
        .map(|(name, values)| (name.clone(), values.last().cloned()));
    TestInvokeMethodResponse {
        status: Some(invoked.status.into()),
        body: Some(invoked.body),
        headers: Some(last.collect()),
        multi_value_headers: Some(several),
        log: Some(invoked.log),
        latency: i64::try_from(invoked.latency_ms).ok(),
    }
}
