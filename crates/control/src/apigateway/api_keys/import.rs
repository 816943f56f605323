//! ImportApiKeys: keys from a file, all or none of them in one commit.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html>

use std::collections::HashSet;

use tollgate_model::api_key::StoredApiKey;
use tollgate_model::api_key_csv::{self, CsvError, Row};
use tollgate_wire::apigateway::{ApiKey, ApiKeyIds, ImportApiKeysRequest};

use super::super::usage_plan_keys;
use super::{add, check_description, check_name, check_value, find_by_value, new, renew};
use crate::error::ApiError;
use crate::session::{Change, Session, Stored};

pub(super) async fn import(
    on: Session,
    input: ImportApiKeysRequest,
) -> Result<ApiKeyIds, ApiError> {
    let rows = api_key_csv::read(input.body.as_deref().unwrap_or_default());
    let rows = rows.map_err(|error| unreadable(&error))?;
    let mut imported = Imported {
        on: &on,
        change: Change::empty(),
        ids: Vec::new(),
        values: HashSet::new(),
        warnings: Vec::new(),
        plans: usage_plan_keys::Additions::default(),
    };
    for row in &rows {
        imported.take(row).await?;
    }
    let Imported {
        mut change,
        ids,
        warnings,
        plans,
        ..
    } = imported;
    if input.fail_on_warnings == Some(true) && !warnings.is_empty() {
        return Err(ApiError::bad_request(format!(
            "Warnings found during import: {}",
            warnings.join("; ")
        )));
    }
    plans.write(&mut change);
    on.commit_served(change).await?;
    Ok(ApiKeyIds {
        ids: Some(ids),
        warnings: Some(warnings),
    })
}

/// Guess: AWS's texts on files are not recorded.
fn unreadable(error: &CsvError) -> ApiError {
    ApiError::bad_request(format!("Invalid API key file: {error}"))
}

/// What a file's keys become.
struct Imported<'s> {
    on: &'s Session,
    change: Change,
    ids: Vec<String>,
    /// Of the values met so far, by their digests.
    values: HashSet<u128>,
    warnings: Vec<String>,
    plans: usage_plan_keys::Additions,
}

impl Imported<'_> {
    async fn take(&mut self, row: &Row) -> Result<(), ApiError> {
        check_row(row).map_err(|error| ApiError {
            message: format!("line {}: {}", row.line, error.message),
            ..error
        })?;
        let key = ApiKey {
            name: Some(row.name.clone()),
            description: row.description.clone(),
            enabled: Some(row.is_enabled),
            ..ApiKey::default()
        };
        let drawn = new(self.on, key, &row.value)?;
        if !self.values.insert(drawn.it.digest.0) {
            self.warn(row, "another line has the same key");
            return Ok(());
        }
        let stored = self.merged(drawn).await?;
        self.ids.push(stored.id().to_owned());
        self.join(row, &stored).await
    }

    /// The guide: a key that is there already is written over.
    async fn merged(
        &mut self,
        drawn: Stored<StoredApiKey>,
    ) -> Result<Stored<StoredApiKey>, ApiError> {
        let Some(mut known) = find_by_value(self.on, &drawn.it).await? else {
            add(&mut self.change, &drawn);
            return Ok(drawn);
        };
        let new = drawn.it.key;
        let old = &mut known.it.key;
        (old.name, old.description) = (new.name, new.description);
        (old.enabled, old.last_updated_date) = (new.enabled, new.last_updated_date);
        renew(&mut self.change, &known);
        Ok(known)
    }

    /// Puts a key into the plans that its line names. Guess: a plan that there is not, or that the key may not join, is a warning,
    /// and the key is imported without it.
    async fn join(&mut self, row: &Row, stored: &Stored<StoredApiKey>) -> Result<(), ApiError> {
        for id in &row.usage_plan_ids {
            let added = self.plans.add(self.on, stored, id).await?;
            if let Err(reason) = added {
                self.warn(row, &reason.message);
            }
        }
        Ok(())
    }

    fn warn(&mut self, row: &Row, reason: &str) {
        self.warnings.push(format!("line {}: {reason}", row.line));
    }
}

fn check_row(row: &Row) -> Result<(), ApiError> {
    check_name(&row.name)?;
    check_description(row.description.as_deref().unwrap_or_default())?;
    check_value(&row.value)
}
