//! The life of a request.
//!
//! The order of the steps is AWS's; each step takes what the ones before it made, so that none can be left out.

use std::collections::VecDeque;
use std::rc::Rc;

use tollgate_http::{Body, Response};

use crate::address::{Address, Hosts};
use crate::cache::{self, Looked};
use crate::callers::Callers;
use crate::effects::Effects;
use crate::identity::Tokens;
use crate::limits::Limits;
use crate::plan::StagePlan;
use crate::private::{self, PrivateEndpoints};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::table::{Held, Seat, Vacant};
use crate::throttle::{Gate, Permit};
use crate::trace::StepName;
use crate::{authorize, execution_log, integrate, map, respond, route, throttle, validate};

/// What a core lends to its requests.
#[derive(Debug)]
pub(crate) struct Surroundings<'c> {
    pub(crate) hosts: &'c Hosts,
    pub(crate) limits: &'c Limits,
    pub(crate) private_endpoints: &'c PrivateEndpoints,
    pub(crate) callers: &'c Callers,
    /// Who looks at the tokens of identity providers.
    pub(crate) tokens: Tokens<'c>,
    /// What is deployed, as this request sees it to its end.
    pub(crate) table: Rc<Held>,
    /// Who decides about keys, buckets and quotas.
    pub(crate) gate: Gate<'c>,
}

/// Answers a request. Whatever happens is in the record afterwards.
pub(crate) async fn serve(
    around: &Surroundings<'_>,
    body: Body,
    record: &mut Record,
    effects: &mut Effects,
) -> Response {
    let response = match answer(around, body, record, effects).await {
        Ok(response) => response,
        Err(rejection) => respond::refuse(&rejection, record),
    };
    let mut response = match respond::compressed(response, record, around.limits).await {
        Ok(response) => response,
        Err(rejection) => respond::refuse(&rejection, record),
    };
    respond::finish(&mut response, record);
    record.trace(StepName::Respond, |_, told| {
        told.answer(response.status, &response.headers, &response.body);
    });
    execution_log::close(&response, record, effects);
    response
}

async fn answer(
    around: &Surroundings<'_>,
    body: Body,
    record: &mut Record,
    effects: &mut Effects,
) -> Result<Response, Rejection> {
    let seat = arrive(around, record)?;
    let stage = seat.stage();
    let (route, permit, body) = enter(around, stage, body, record, effects).await?;
    perform(stage, &route, permit, body, record, effects, around.limits).await
}

/// Whether a request would be let in. Nothing is called or counted, and nobody answers.
pub(crate) async fn knock(
    around: &Surroundings<'_>,
    body: Body,
    record: &mut Record,
) -> Result<(), Rejection> {
    let seat = arrive(around, record)?;
    let mut nobody = Effects::Recorded(VecDeque::new());
    let entered = enter(around, seat.stage(), body, record, &mut nobody).await;
    entered.map(drop)
}

/// Where a request goes.
fn arrive(around: &Surroundings<'_>, record: &mut Record) -> Result<Seat, Rejection> {
    let passed = front_door(record, around.limits);
    record.told(StepName::FrontDoor, &passed);
    passed?;
    let seat = address(around, record);
    record.told(StepName::Address, &seat);
    seat
}

/// Everything between a request and what its method does: which method, and whether whoever asks may call it now.
async fn enter<'s>(
    around: &Surroundings<'_>,
    stage: &'s StagePlan,
    body: Body,
    record: &mut Record,
    effects: &mut Effects,
) -> Result<(Matched<'s>, Permit, Body), Rejection> {
    let entered = private::enter(stage, around.private_endpoints, record);
    record.told(StepName::Address, &entered);
    entered?;
    let route = route::find(stage, record);
    record.told(StepName::Route, &route);
    let route = route?;
    execution_log::open(stage, &route, record, effects);
    let allowed = authorize::check(around, stage, &route, body, record).await;
    record.told(StepName::Authorize, &allowed);
    let body = allowed?;
    let permit = admit(around, stage, &route, record)?;
    Ok((route, permit, body))
}

/// By which key, and whether now: AWS's order has the key before every limit.
fn admit(
    around: &Surroundings<'_>,
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &mut Record,
) -> Result<Permit, Rejection> {
    let gate = &around.gate;
    let keys = gate.keys(route.method.api_key_required);
    let caller = authorize::api_key::check(keys.as_ref(), gate, stage, route, record);
    record.told(StepName::ApiKey, &caller);
    let permit = throttle::admit(gate, stage, route, &caller?, record);
    record.told(StepName::Throttle, &permit);
    let permit = permit?;
    execution_log::admitted(stage, route, record);
    Ok(permit)
}

/// What a method does, once it is known who may call it: this is all that a test invocation does.
pub(crate) async fn perform(
    stage: &StagePlan,
    route: &Matched<'_>,
    _: Permit,
    body: Body,
    record: &mut Record,
    effects: &mut Effects,
    limits: &Limits,
) -> Result<Response, Rejection> {
    let valid = validate::check(route, record, body, limits).await;
    record.told(StepName::Validate, &valid);
    let mut request = valid?;
    let looked = cache::look(stage, route, &request, record, effects).await;
    record.told(StepName::Cache, &looked);
    let slot = match looked? {
        Looked::Answered(response) => return Ok(response),
        Looked::Missed(slot) => slot,
    };
    let mapped = map::request(stage, route, &mut request, record, limits);
    record.told(StepName::MapRequest, &mapped);
    let (outgoing, overrides) = mapped?;
    let reply =
        integrate::call(&route.method.integration, outgoing, record, effects, limits).await?;
    let mapped = map::response(stage, route, &request, reply, overrides, record, limits).await;
    record.told(StepName::MapResponse, &mapped);
    cache::keep(slot, stage, mapped?, record, effects, limits).await
}

/// AWS's limits on what comes before an API is looked for.
fn front_door(record: &Record, limits: &Limits) -> Result<(), Rejection> {
    let target = record.head().target();
    if target.len() > limits.target_bytes_max {
        let limit = limits.target_bytes_max;
        return Err(Rejection::uri_too_long(format!(
            "the target is longer than {limit} bytes (limits: target_bytes_max)"
        )));
    }
    if record.headers().wire_bytes() > limits.header_bytes_max {
        let limit = limits.header_bytes_max;
        return Err(Rejection::headers_too_large(format!(
            "the headers are longer than {limit} bytes (limits: header_bytes_max)"
        )));
    }
    if record.request_bytes > limits.request_body_bytes_max {
        return Err(Rejection::too_large(limits.request_body_bytes_max));
    }
    if record
        .head()
        .query()
        .is_some_and(|query| query.contains(['|', '{', '}']))
    {
        return Err(Rejection::bad_request(
            "the query holds an unencoded |, { or }",
        ));
    }
    Ok(())
}

/// Finds the stage, and tells the record. An API or stage that is not there answers as one that may not be called.
fn address(around: &Surroundings<'_>, record: &mut Record) -> Result<Seat, Rejection> {
    let head = record.head();
    let Some(address) = around.hosts.find(head.host(), head.path()) else {
        return Err(Rejection::forbidden("neither host nor path names an API"));
    };
    let seat = match seat(around, &address) {
        Ok(seat) => seat.drawn(record.arrival.draw()),
        Err(vacant) => {
            let text = vacant_text(&vacant, address.api, address.stage);
            record.vacant = Some(vacant);
            return Err(Rejection::forbidden(text));
        }
    };
    let (path, shown) = (address.path, address.shown);
    record.addressed(seat.clone(), path, shown);
    record.trace(StepName::Address, |record, told| {
        told.input(&[record.head().target()]);
        told.output(record.route_path());
        let stage = seat.stage();
        let canary = if seat.is_canary() { ", its canary" } else { "" };
        told.decided(
            &[
                "API ",
                &stage.api.id,
                ", stage ",
                &stage.name,
                canary,
                ", deployment ",
                &stage.deployment_id,
            ],
            &["host and path name it"],
        );
    });
    Ok(seat)
}

fn seat(around: &Surroundings<'_>, address: &Address<'_>) -> Result<Seat, Vacant> {
    let seat = Seat::find(&around.table, address.api, address.stage)?;
    match seat.stage().deployment.endpoint.is_disabled {
        true => Err(Vacant::Disabled),
        false => Ok(seat),
    }
}

fn vacant_text(vacant: &Vacant, api: &str, stage: &str) -> String {
    match vacant {
        Vacant::Api => format!("there is no API {api}, or it has no stage"),
        Vacant::Stage if stage.is_empty() => format!("the path names no stage of API {api}"),
        Vacant::Stage => format!("API {api} has no stage {stage}"),
        Vacant::Disabled => {
            format!("API {api} has its default endpoint disabled (disableExecuteApiEndpoint)")
        }
        Vacant::Broken(reason) => format!("stage {stage} of API {api} cannot be served: {reason}"),
    }
}

/// Whether a request is an API's by host or path: then the control plane never sees it.
pub fn claims(hosts: &Hosts, host: Option<&str>, path: &str) -> bool {
    hosts.find(host, path).is_some()
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod tests;
