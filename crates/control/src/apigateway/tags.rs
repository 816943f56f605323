//! Tags of APIs, stages, keys and usage plans, by ARN. <https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html>

use std::collections::BTreeMap;

use tollgate_model::api_key::StoredApiKey;
use tollgate_model::arn::{Arn, partition_of};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    GetTags, GetTagsRequest, RestApi, Stage, TagResource, TagResourceRequest, Tags, UntagResource,
    UntagResourceRequest, UsagePlan,
};
use tollgate_wire::rest::Labels;

use super::{api_keys, rest_apis, stages, usage_plans};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::{Caller, Change, Session, Stored, tags_of};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<TagResource, _>(tag);
    on.serve::<UntagResource, _>(untag);
    on.serve::<GetTags, _>(get);
}

async fn tag(on: Session, input: TagResourceRequest) -> Result<(), ApiError> {
    let mut tagged = find(&on, input.resource_arn.as_deref()).await?;
    let tags = tagged.tags();
    tags.extend(tags_of(input.tags));
    check(tags)?;
    tagged.save(&on).await
}

async fn untag(on: Session, input: UntagResourceRequest) -> Result<(), ApiError> {
    let mut tagged = find(&on, input.resource_arn.as_deref()).await?;
    let gone = input.tag_keys.unwrap_or_default();
    tagged.tags().retain(|name, _| !gone.contains(name));
    tagged.save(&on).await
}

/// All tags in one page: there are at most fifty.
async fn get(on: Session, input: GetTagsRequest) -> Result<Tags, ApiError> {
    let tagged = find(&on, input.resource_arn.as_deref()).await?;
    let tags = match &tagged {
        Tagged::Api(api) => api.wire_tags(),
        Tagged::Stage(both) => both.1.wire_tags(),
        Tagged::Key(key) => key.wire_tags(),
        Tagged::Plan(plan) => plan.wire_tags(),
    };
    Ok(Tags { tags: Some(tags) })
}

const TAGS_MAX: usize = 50;
const NAME_CHARACTERS_MAX: usize = 128;
const VALUE_CHARACTERS_MAX: usize = 256;

/// Tags as they came with the creation of something.
pub(super) fn of_request(
    wire: Option<Map<Option<String>>>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let tags = tags_of(wire);
    check(&tags)?;
    Ok(tags)
}

/// The guide's rules. Guess: the texts are not recorded.
fn check(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > TAGS_MAX {
        return Err(ApiError::bad_request(format!(
            "The number of tags exceeds the limit of {TAGS_MAX} tags per resource"
        )));
    }
    tags.iter()
        .try_for_each(|(name, value)| check_tag(name, value))
}

fn check_tag(name: &str, value: &str) -> Result<(), ApiError> {
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        return Err(ApiError::bad_request(format!(
            "Tag keys must have 1 to {NAME_CHARACTERS_MAX} characters"
        )));
    }
    if name
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    {
        return Err(ApiError::bad_request(format!(
            "Tag keys cannot start with 'aws:', which is AWS's: {name}"
        )));
    }
    match value.chars().count() <= VALUE_CHARACTERS_MAX {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Tag values must have at most {VALUE_CHARACTERS_MAX} characters: {name}"
        ))),
    }
}

/// What an ARN names.
enum Tagged {
    Api(Box<Stored<RestApi>>),
    /// A stage and its API.
    Stage(Box<(Stored<RestApi>, Stored<Stage>)>),
    Key(Box<Stored<StoredApiKey>>),
    Plan(Box<Stored<UsagePlan>>),
}

impl Tagged {
    fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Api(api) => &mut api.tags,
            Self::Stage(both) => &mut both.1.tags,
            Self::Key(key) => &mut key.tags,
            Self::Plan(plan) => &mut plan.tags,
        }
    }

    /// Its tags with those that it inherits.
    fn effective(&mut self) -> BTreeMap<String, String> {
        let mut tags = match self {
            Self::Stage(both) => both.0.tags.clone(),
            Self::Api(_) | Self::Key(_) | Self::Plan(_) => BTreeMap::new(),
        };
        tags.extend(self.tags().clone());
        tags
    }

    async fn save(self, on: &Session) -> Result<(), ApiError> {
        let change = match &self {
            Self::Api(api) => Change::of(api),
            Self::Stage(both) => {
                let mut change = Change::of(&both.0);
                change.put(&both.1);
                change
            }
            Self::Key(key) => {
                let mut change = Change::empty();
                api_keys::renew(&mut change, key);
                change
            }
            Self::Plan(plan) => Change::alone(plan),
        };
        on.commit(change).await?;
        Ok(())
    }
}

/// The tags of what a call's path names, those that it inherits among them: a stage its API's, unless it has its own.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html>
pub(crate) async fn inherited(
    on: &Session,
    labels: &Labels,
) -> Result<BTreeMap<String, String>, ApiError> {
    let label = |name: &str| {
        let mut labels = labels.iter();
        labels
            .find(|(known, _)| *known == name)
            .map(|(_, it)| it.as_str())
    };
    let tagged = match (
        label("resource_arn"),
        label("restapi_id"),
        label("stage_name"),
    ) {
        (Some(arn), _, _) => find(on, Some(arn)).await,
        (_, Some(api), Some(stage)) => match stages::find(on, Some(api), Some(stage)).await {
            Ok(both) => Ok(Tagged::Stage(Box::new(both))),
            // A stage that is to be created has its API's.
            Err(error) if error.exception == Exception::NotFound => find_api(on, api).await,
            Err(error) => Err(error),
        },
        (_, Some(api), None) => find_api(on, api).await,
        _ => match (label("api_Key"), label("usageplanId")) {
            (Some(key), _) => {
                { api_keys::find(on, Some(key)).await }.map(|key| Tagged::Key(Box::new(key)))
            }
            (_, Some(plan)) => {
                { usage_plans::find(on, Some(plan)).await }.map(|plan| Tagged::Plan(Box::new(plan)))
            }
            _ => return Ok(BTreeMap::new()),
        },
    };
    match tagged {
        Ok(mut tagged) => Ok(tagged.effective()),
        // What is not there has no tags, and nothing can be done to it.
        Err(error) if error.exception.status() < 500 => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

async fn find_api(on: &Session, id: &str) -> Result<Tagged, ApiError> {
    Ok(Tagged::Api(Box::new(rest_apis::find(on, Some(id)).await?)))
}

async fn find(on: &Session, arn: Option<&str>) -> Result<Tagged, ApiError> {
    // Guess: the text for an ARN that is none is recorded for integrations only.
    let invalid = || ApiError::bad_request("Invalid ARN specified in the request");
    let arn: Arn = arn.unwrap_or_default().parse().map_err(|_| invalid())?;
    if !is_own(&arn, &on.caller) {
        return Err(invalid());
    }
    let path: Vec<&str> = arn.resource.split('/').collect();
    match path.as_slice() {
        ["", "restapis", id] => Ok(Tagged::Api(Box::new(rest_apis::find(on, Some(id)).await?))),
        ["", "restapis", id, "stages", name] => {
            let both = stages::find(on, Some(id), Some(name)).await?;
            Ok(Tagged::Stage(Box::new(both)))
        }
        ["", "apikeys", id] => Ok(Tagged::Key(Box::new(api_keys::find(on, Some(id)).await?))),
        ["", "usageplans", id] => {
            let plan = usage_plans::find(on, Some(id)).await?;
            Ok(Tagged::Plan(Box::new(plan)))
        }
        _ => Err(ApiError::not_served(&format!("tags of {}", arn.resource))),
    }
}

/// Whether an ARN is of the caller's region. API Gateway's name no account; one that does must name the caller's.
fn is_own(arn: &Arn, caller: &Caller) -> bool {
    let is_account = arn.account.is_empty() || *arn.account == *caller.account;
    arn.service == "apigateway"
        && *arn.region == *caller.region
        && arn.partition == partition_of(&caller.region)
        && is_account
}
