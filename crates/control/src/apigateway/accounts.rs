//! An account's settings in a region. <https://docs.aws.amazon.com/apigateway/latest/api/API_Account.html>

use tollgate_model::arn::Arn;
use tollgate_store::{Key, Kind};
use tollgate_wire::apigateway::{
    Account, GetAccount, GetAccountRequest, ThrottleSettings, UpdateAccount, UpdateAccountRequest,
};

use crate::error::ApiError;
use crate::operations::Operations;
use crate::patch::{ADD_REMOVE, Edit, Member, Op, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetAccount, _>(get);
    on.serve::<UpdateAccount, _>(update);
}

async fn get(on: Session, _: GetAccountRequest) -> Result<Account, ApiError> {
    Ok(find(&on).await?.it)
}

async fn update(on: Session, input: UpdateAccountRequest) -> Result<Account, ApiError> {
    let mut account = find(&on).await?;
    account.it = PATCHES.apply(&account.it, input.patch_operations.as_deref())?;
    on.commit(Change::alone(&account)).await?;
    Ok(account.it)
}

/// The API reference's table of patch operations. The family of refusals is a guess after most resources.
pub(crate) static PATCHES: Table<Account> = Table {
    refusals: Refusals::Listed,
    rows: &[
        Row::checked(
            "/cloudwatchRoleArn",
            REPLACE,
            Member::Text(|account| &mut account.cloudwatch_role_arn),
            |_, arn| check_role(arn),
        ),
        Row::new("/features", ADD_REMOVE, Member::Own(set_feature)),
    ],
};

/// AWS asks IAM whether it may take the role on; here it is kept and nothing is written to CloudWatch. Guess: what is
/// no role is told as any ARN that is none; an empty one takes the role away.
fn check_role(arn: &str) -> Result<(), ApiError> {
    let is_role = |arn: Arn| arn.service == "iam" && arn.resource.starts_with("role/");
    match arn.is_empty() || arn.parse().is_ok_and(is_role) {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid ARN specified in the request",
        )),
    }
}

/// The reference: usage plans are the one feature there is, and never go. Guess: the texts.
fn set_feature(_: &mut Account, edit: &Edit<'_>) -> Result<(), ApiError> {
    match (edit.value, edit.op) {
        (Some(USAGE_PLANS), Op::Add) => Ok(()),
        (Some(USAGE_PLANS), _) => Err(ApiError::bad_request(
            "Usage Plans cannot be disabled once enabled",
        )),
        _ => Err(ApiError::bad_request(
            "Invalid feature specified. Valid options are UsagePlans",
        )),
    }
}

const USAGE_PLANS: &str = "UsagePlans";
const ID: &str = "account";

/// As stored, or as every account is.
async fn find(on: &Session) -> Result<Stored<Account>, ApiError> {
    let key: Key = on.key(Kind::Account, ID);
    let stored = on.find(&key).await?;
    Ok(stored.unwrap_or_else(|| on.create(key, default())))
}

/// AWS's defaults.
fn default() -> Account {
    Account {
        cloudwatch_role_arn: None,
        throttle_settings: Some(ThrottleSettings {
            burst_limit: Some(5000),
            rate_limit: Some(10_000.0),
        }),
        features: Some(vec![USAGE_PLANS.to_owned()]),
        api_key_version: Some("4".to_owned()),
    }
}
