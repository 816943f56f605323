//! Stage variables and a canary's overrides of them.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html>

use std::collections::BTreeMap;

use tollgate_wire::Map;
use tollgate_wire::apigateway::Stage;

use super::patches::{canary, invalid_value, promoted};
use crate::error::ApiError;
use crate::patch::{Edit, Op};

pub(super) fn set_overrides(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    canary(stage).stage_variable_overrides = Some(variables_in(edit)?);
    Ok(())
}

pub(super) fn set_override(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    let (name, value) = (edit.captured(0), edit.value.unwrap_or_default());
    check_variable(&name, value)?;
    let overrides = canary(stage)
        .stage_variable_overrides
        .get_or_insert_default();
    overrides.insert(name, Some(value.to_owned()));
    check_count(overrides)
}

/// Recorded: the overrides of a promoted canary are merged into the stage's variables. That a replacement is a JSON
/// object is a guess.
pub(super) fn set_variables(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    stage.variables = match edit.op {
        Op::Remove => None,
        Op::Copy => {
            let overrides = promoted(stage, edit, "/canarySettings/stageVariableOverrides")?
                .stage_variable_overrides
                .clone();
            let mut variables = stage.variables.take().unwrap_or_default();
            variables.extend(overrides.into_iter().flatten());
            (!variables.is_empty()).then_some(variables)
        }
        _ => Some(variables_in(edit)?),
    };
    Ok(())
}

pub(super) fn set_variable(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    let (name, value) = (edit.captured(0), edit.value.unwrap_or_default());
    let variables = stage.variables.get_or_insert_default();
    if edit.op == Op::Remove {
        variables.shift_remove(&name);
    } else {
        check_variable(&name, value)?;
        variables.insert(name, Some(value.to_owned()));
        check_count(variables)?;
    }
    if variables.is_empty() {
        stage.variables = None;
    }
    Ok(())
}

fn variables_in(edit: &Edit<'_>) -> Result<Map<Option<String>>, ApiError> {
    let variables: BTreeMap<String, String> =
        serde_json::from_str(edit.value.unwrap_or_default()).map_err(|_| invalid_value(edit))?;
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name, Some(value)))
        .collect();
    check_variables(Some(&variables))?;
    Ok(variables)
}

/// The API reference's and the guide's rules; the texts are guesses.
pub(in crate::apigateway) fn check_variables(
    variables: Option<&Map<Option<String>>>,
) -> Result<(), ApiError> {
    variables.map_or(Ok(()), check_count)?;
    let entries = variables.into_iter().flatten();
    entries
        .into_iter()
        .try_for_each(|(name, value)| check_variable(name, value.as_deref().unwrap_or_default()))
}

fn check_count(variables: &Map<Option<String>>) -> Result<(), ApiError> {
    match variables.len() <= VARIABLES_MAX {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "A stage can have at most {VARIABLES_MAX} stage variables"
        ))),
    }
}

const VARIABLES_MAX: usize = 100;

fn check_variable(name: &str, value: &str) -> Result<(), ApiError> {
    let is_in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_in_name) {
        return Err(ApiError::bad_request(format!(
            "Stage variable names must match [A-Za-z0-9_]{{1,64}}: {name}"
        )));
    }
    let is_in_value = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
    match value.len() <= 512 && value.bytes().all(is_in_value) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Stage variable values must match [A-Za-z0-9-._~:/?#&=,]+: {name}"
        ))),
    }
}
