//! API keys: what a client presents to be known by. <https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html>
//!
//! A key's value is a secret. It is sealed in the store and found by its digest; no list shows it unless asked to.

mod import;

use tollgate_model::api_key::{StoredApiKey, VALUE_LENGTH_MAX, VALUE_LENGTH_MIN};
use tollgate_store::{Key, Kind, Range};

use tollgate_wire::apigateway::{
    ApiKey, ApiKeys, CreateApiKey, CreateApiKeyRequest, DeleteApiKey, DeleteApiKeyRequest,
    GetApiKey, GetApiKeyRequest, GetApiKeys, GetApiKeysRequest, ImportApiKeys, UpdateApiKey,
    UpdateApiKeyRequest, UsagePlanKey,
};

use super::tags;
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateApiKey, _>(create);
    on.serve::<GetApiKey, _>(get);
    on.serve::<GetApiKeys, _>(list);
    on.serve::<UpdateApiKey, _>(update);
    on.serve::<DeleteApiKey, _>(delete);
    on.serve::<ImportApiKeys, _>(import::import);
}

async fn create(on: Session, input: CreateApiKeyRequest) -> Result<ApiKey, ApiError> {
    check_name(input.name.as_deref().unwrap_or_default())?;
    check_description(input.description.as_deref().unwrap_or_default())?;
    if input.stage_keys.is_some_and(|keys| !keys.is_empty()) {
        return Err(ApiError::bad_request(
            "Tollgate cannot honour stageKeys: usage plans say which stages a key is for",
        ));
    }
    let tags = tags::of_request(input.tags)?;
    let value = match input.value.filter(|value| !value.is_empty()) {
        Some(value) => value,
        None => on.shared.draw(|random| random.mixed_text(DRAWN_LENGTH)),
    };
    check_value(&value)?;
    let key = ApiKey {
        name: input.name.filter(|name| !name.is_empty()),
        customer_id: input.customer_id,
        description: input.description,
        enabled: Some(input.enabled.unwrap_or(false)),
        ..ApiKey::default()
    };
    let mut stored = new(&on, key, &value)?;
    stored.tags = tags;
    if find_by_value(&on, &stored.it).await?.is_some() {
        return Err(ApiError::conflict("API Key already exists"));
    }
    let mut change = Change::empty();
    add(&mut change, &stored);
    on.commit_served(change).await?;
    let tags = stored.wire_tags_if_any();
    Ok(ApiKey {
        value: Some(value),
        tags,
        ..stored.it.key
    })
}

async fn get(on: Session, input: GetApiKeyRequest) -> Result<ApiKey, ApiError> {
    let stored = find(&on, input.api_key.as_deref()).await?;
    let value = match input.include_value {
        Some(true) => Some(value(&on, &stored)?),
        Some(false) | None => None,
    };
    Ok(ApiKey {
        value,
        ..shown(stored)
    })
}

/// Recorded: the youngest first; a name is looked for as it begins, in its own letter case.
async fn list(on: Session, input: GetApiKeysRequest) -> Result<ApiKeys, ApiError> {
    let name = input.name_query.unwrap_or_default();
    let customer = input.customer_id;
    let page = Page::of(
        format!("apikeys/{name}/{customer:?}"),
        input.position.as_deref(),
        input.limit,
    )?;
    let is_wanted = |stored: &StoredApiKey| {
        let is_named = is_named(stored.key.name.as_deref(), &name);
        is_named && (customer.is_none() || stored.key.customer_id == customer)
    };
    let range = Range::top(&on.caller.account, &on.caller.region, Kind::ApiKey);
    let read = StoredApiKey::from_json;
    let keys = on.wanted_on_page(&page, range, read, is_wanted).await?;
    let (keys, position) = page.cut(keys, |key| key.id());
    let shows_values = input.include_values == Some(true);
    let item = |stored: Stored<StoredApiKey>| {
        let value = match shows_values {
            true => Some(value(&on, &stored)?),
            false => None,
        };
        let tags = stored.wire_tags_if_any();
        Ok(ApiKey {
            value,
            tags,
            ..stored.it.key
        })
    };
    Ok(ApiKeys {
        warnings: None,
        position,
        items: Some(
            keys.into_iter()
                .map(item)
                .collect::<Result<_, ApiError>>()?,
        ),
    })
}

/// Recorded: the answer shows even no tags, and no value.
async fn update(on: Session, input: UpdateApiKeyRequest) -> Result<ApiKey, ApiError> {
    let mut stored = find(&on, input.api_key.as_deref()).await?;
    stored.it.key = PATCHES.apply(&stored.it.key, input.patch_operations.as_deref())?;
    stored.it.key.last_updated_date = Some(on.now());
    let mut change = Change::empty();
    renew(&mut change, &stored);
    on.commit_served(change).await?;
    Ok(shown(stored))
}

/// Recorded: it goes from the usage plans that it was in.
async fn delete(on: Session, input: DeleteApiKeyRequest) -> Result<(), ApiError> {
    let stored = find(&on, input.api_key.as_deref()).await?;
    let mut change = Change::empty();
    change.expect_as_read(&stored);
    for plan in plans_of(&on, &stored.key).await? {
        change.delete(&in_plan(&plan, stored.id()));
    }
    change.delete_children(&stored.key, Kind::ApiKeyPlan);
    change.delete(&value_key(&stored));
    change.delete(&stored.key);
    on.commit_served(change).await
}

/// Recorded. What AWS keeps from before there were usage plans (`/stages`, `/labels`) is refused as any other path.
pub(crate) static PATCHES: Table<ApiKey> = Table {
    refusals: Refusals::Listed,
    rows: &[
        Row::checked(
            "/description",
            REPLACE,
            Member::Text(|key| &mut key.description),
            |_, text| check_description(text),
        ),
        Row::new("/enabled", REPLACE, Member::Flag(|key| &mut key.enabled)),
        Row::checked(
            "/name",
            REPLACE,
            Member::Text(|key| &mut key.name),
            |_, name| check_name(name),
        ),
        Row::new(
            "/customerId",
            REPLACE,
            Member::Text(|key| &mut key.customer_id),
        ),
    ],
};

/// Recorded: the length of a value that AWS makes.
const DRAWN_LENGTH: usize = 40;
const NAME_LENGTH_MAX: usize = 1_024;
const DESCRIPTION_LENGTH_MAX: usize = 125_000;

/// Recorded.
fn check_name(name: &str) -> Result<(), ApiError> {
    match name.chars().count() <= NAME_LENGTH_MAX {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid API Key name, can be at most 1024 characters.",
        )),
    }
}

/// Recorded.
fn check_description(description: &str) -> Result<(), ApiError> {
    match description.chars().count() <= DESCRIPTION_LENGTH_MAX {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid API Key description specified.",
        )),
    }
}

/// The lengths are recorded. Guess: a value that no header could carry as it is would let nobody in, and one that merely looks like
/// another would mislead its owner.
fn check_value(value: &str) -> Result<(), ApiError> {
    let length = value.chars().count();
    if length < VALUE_LENGTH_MIN {
        return Err(ApiError::bad_request(
            "API Key value should be at least 20 characters",
        ));
    }
    if length > VALUE_LENGTH_MAX {
        return Err(ApiError::bad_request(
            "API Key value exceeds maximum size of 128 characters",
        ));
    }
    match value.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Tollgate takes visible ASCII characters for the value of an API key: a header cannot carry others",
        )),
    }
}

/// A key with an id, its value sealed.
fn new(on: &Session, key: ApiKey, value: &str) -> Result<Stored<StoredApiKey>, ApiError> {
    let at = on.key(Kind::ApiKey, &on.draw_youngest_id());
    let digest = on.digest(value);
    let digest = digest.ok_or_else(|| ApiError::internal("an API key's value has no digest"))?;
    let now = Some(on.now());
    let stored = StoredApiKey {
        key: ApiKey {
            id: Some(at.id.to_string()),
            created_date: now,
            last_updated_date: now,
            stage_keys: Some(Vec::new()),
            ..key
        },
        sealed_value: on.seal(&owner(&at), value)?,
        digest,
    };
    Ok(on.create(at, stored))
}

/// What a value is sealed for: moved to another key's entry it does not open.
fn owner(key: &Key) -> String {
    format!("{}/{}/{}/{}", key.kind, key.account, key.region, key.id)
}

/// The value of a key.
pub(super) fn value(on: &Session, stored: &Stored<StoredApiKey>) -> Result<String, ApiError> {
    on.open(&owner(&stored.key), &stored.it.sealed_value)
}

/// Writes a key that is new, under a value that no other has.
fn add(change: &mut Change, stored: &Stored<StoredApiKey>) {
    change.expect_absent(&stored.key);
    change.put_body(stored, stored.it.to_json());
    let at = value_key(stored);
    change.expect_absent(&at);
    // What has the value is said by an id alone.
    change.put_body(
        &Stored {
            key: at,
            tags: std::collections::BTreeMap::new(),
            ..stored.clone()
        },
        stored.id().as_bytes().to_vec(),
    );
}

/// Writes a key again, if nobody else did meanwhile.
pub(super) fn renew(change: &mut Change, stored: &Stored<StoredApiKey>) {
    change.expect_as_read(stored);
    change.put_body(stored, stored.it.to_json());
}

fn value_key(stored: &Stored<StoredApiKey>) -> Key {
    Key {
        kind: Kind::ApiKeyValue,
        id: stored.it.digest.to_string().into(),
        ..stored.key.clone()
    }
}

/// The key that has the value of `like`.
async fn find_by_value(
    on: &Session,
    like: &StoredApiKey,
) -> Result<Option<Stored<StoredApiKey>>, ApiError> {
    let at = on.key(Kind::ApiKeyValue, &like.digest.to_string());
    let read = |bytes: &[u8]| String::from_utf8(bytes.to_vec());
    match on.find_by(&at, read).await? {
        Some(id) => try_find(on, &id.it).await,
        None => Ok(None),
    }
}

/// The key, or AWS's refusal.
pub(super) async fn find(on: &Session, id: Option<&str>) -> Result<Stored<StoredApiKey>, ApiError> {
    let found = try_find(on, id.unwrap_or_default()).await?;
    found.ok_or_else(unknown)
}

/// As moto has it; not recorded.
pub(super) fn unknown() -> ApiError {
    ApiError::not_found("Invalid API Key identifier specified")
}

pub(super) async fn try_find(
    on: &Session,
    id: &str,
) -> Result<Option<Stored<StoredApiKey>>, ApiError> {
    on.find_by(&on.key(Kind::ApiKey, id), StoredApiKey::from_json)
        .await
}

/// The usage plans that the key under `key` is in, by their keys.
pub(super) async fn plans_of(on: &Session, key: &Key) -> Result<Vec<Key>, ApiError> {
    let plans = on.children::<UsagePlanKey>(key, Kind::ApiKeyPlan).await?;
    let plans = plans.into_iter();
    Ok(plans.map(|it| on.key(Kind::UsagePlan, it.id())).collect())
}

/// Where a plan has a key.
pub(super) fn in_plan(plan: &Key, key_id: &str) -> Key {
    plan.child(Kind::UsagePlanKey, key_id)
}

/// Recorded: no name begins with a text that is longer, and every name, even none, with an empty one.
pub(super) fn is_named(name: Option<&str>, query: &str) -> bool {
    name.unwrap_or_default().starts_with(query)
}

fn shown(stored: Stored<StoredApiKey>) -> ApiKey {
    let tags = Some(stored.wire_tags());
    ApiKey {
        tags,
        ..stored.it.key
    }
}
