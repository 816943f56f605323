//! Drift in AWS's own answers: a header that no client minds, since AWS's shapes have no member for it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tollgate_store::Key;
use tollgate_wire::rest::Encoded;

use super::{Drift, OfStage, of};
use crate::apigateway::rest_apis;
use crate::error::ApiError;
use crate::session::Session;

/// `3 changes not deployed` in answers of GetStage, `3 changes not deployed to dev, …` in those of GetRestApi; absent where all is
/// deployed.
const NAME: &str = "x-tollgate-drift";

/// Comparisons that are kept.
const KEPT_MAX: usize = 1_024;

/// What was found last. Every change of an API or of a part of it is a new revision of the API.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<Asked, Option<String>>>);

/// An API, its revision, and the stage asked for, if any.
type Asked = (Key, u64, String);

/// Adds the header to an answer of an operation that shows a stage or an API.
pub(crate) async fn tell(
    on: &Session,
    operation: &str,
    labels: &[(&str, String)],
    answer: &mut Encoded,
) {
    let label = |name: &str| {
        let mut labels = labels.iter();
        let found = labels.find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    };
    let (Some(api), stage) = (label("restapi_id"), label("stage_name")) else {
        return;
    };
    let text = match operation {
        "GetStage" | "GetRestApi" => text(on, api, stage).await,
        _ => return,
    };
    match text {
        Ok(Some(text)) => answer.headers.push((NAME.to_owned(), text)),
        Ok(None) => {}
        // The answer itself is whole.
        Err(error) => tracing::debug!(api, %error, "what is not deployed cannot be told"),
    }
}

async fn text(on: &Session, api: &str, stage: Option<&str>) -> Result<Option<String>, ApiError> {
    let found = rest_apis::find(on, Some(api)).await?;
    let key = (
        found.key.clone(),
        found.rev,
        stage.unwrap_or_default().to_owned(),
    );
    let known = &on.shared.drift;
    if let Some(text) = known.get(&key) {
        return Ok(text);
    }
    let text = summary(&of(on, api, stage).await?, stage.is_some());
    known.keep(key, text.clone());
    Ok(text)
}

impl Known {
    fn get(&self, key: &Asked) -> Option<Option<String>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).cloned()
    }

    fn keep(&self, key: Asked, text: Option<String>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, text);
    }
}

fn summary(drift: &Drift, is_of_one_stage: bool) -> Option<String> {
    let stages = drift.stages.iter().filter(|stage| stage.count > 0);
    let texts: Vec<String> = stages
        .map(|stage| sentence(stage, is_of_one_stage))
        .collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn sentence(stage: &OfStage, is_of_one_stage: bool) -> String {
    let changes = if stage.count == 1 {
        "change"
    } else {
        "changes"
    };
    let mut text = format!("{} {changes} not deployed", stage.count);
    match (is_of_one_stage, stage.is_canary) {
        (true, false) => {}
        (true, true) => text.push_str(" to the canary"),
        (false, false) => text.push_str(&format!(" to {}", stage.stage)),
        (false, true) => text.push_str(&format!(" to the canary of {}", stage.stage)),
    }
    text
}
