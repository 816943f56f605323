//! Which deployments a stage served, and when. AWS keeps no such record; whoever wants to roll back asks what was there before.

use serde::{Deserialize, Serialize};
use tollgate_store::{Key, Kind};
use tollgate_wire::apigateway::Stage;
use tollgate_wire::json;

use crate::error::ApiError;
use crate::session::{Change, Session, Stored};

/// Periods kept of a stage; the oldest go first.
const PERIODS_MAX: usize = 500;

/// What a stage served, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Served {
    pub(crate) periods: Vec<Period>,
}

/// A time in which a stage, or its canary, served a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Period {
    pub(crate) deployment_id: String,
    pub(crate) is_canary: bool,
    /// Milliseconds since 1970.
    pub(crate) from_ms: u64,
    /// None while it lasts.
    pub(crate) until_ms: Option<u64>,
}

/// Notes in a change what it does to stages.
pub(crate) async fn note(on: &Session, change: &mut Change) -> Result<(), ApiError> {
    for (key, body) in change.stages() {
        let stage = body.map(|body| json::from_slice::<Stage>(&body));
        let stage = stage.transpose().map_err(ApiError::internal)?;
        let mut served = of(on, &key).await?;
        if served.it.serves(stage.as_ref(), on.shared.clock.now_ms()) {
            let body = serde_json::to_vec(&served.it).map_err(ApiError::internal)?;
            change.put_body(&served, body);
        }
    }
    Ok(())
}

/// What the stage under `key` served.
pub(crate) async fn of(on: &Session, key: &Key) -> Result<Stored<Served>, ApiError> {
    let key = Key {
        kind: Kind::StageHistory,
        ..key.clone()
    };
    let found = on.find_by(&key, Served::from_json).await?;
    Ok(found.unwrap_or_else(|| on.create(key, Served::default())))
}

/// The deployments that a stage serves, and which is its canary's.
pub(crate) fn by(stage: &Stage) -> impl Iterator<Item = (&str, bool)> {
    let own = stage.deployment_id.as_deref();
    let canary = stage.canary_settings.as_ref();
    let canary = canary.and_then(|canary| canary.deployment_id.as_deref());
    let own = own.map(|id| (id, false));
    own.into_iter().chain(canary.map(|id| (id, true)))
}

impl Served {
    /// As it is stored.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The stage is so from now on, or gone. Whether it serves something else than before.
    fn serves(&mut self, stage: Option<&Stage>, now_ms: u64) -> bool {
        let mut begun: Vec<(&str, bool)> = stage.into_iter().flat_map(by).collect();
        let mut has_changed = false;
        for period in self.periods.iter_mut().filter(|it| it.until_ms.is_none()) {
            let same = (period.deployment_id.as_str(), period.is_canary);
            match begun.iter().position(|it| *it == same) {
                Some(at) => drop(begun.remove(at)),
                None => {
                    period.until_ms = Some(now_ms);
                    has_changed = true;
                }
            }
        }
        has_changed |= !begun.is_empty();
        self.periods
            .extend(begun.into_iter().map(|(id, is_canary)| Period {
                deployment_id: id.to_owned(),
                is_canary,
                from_ms: now_ms,
                until_ms: None,
            }));
        let excess = self.periods.len().saturating_sub(PERIODS_MAX);
        self.periods.drain(..excess);
        has_changed
    }
}

#[cfg(test)]
mod tests {
    use tollgate_wire::apigateway::CanarySettings;

    use super::*;

    fn stage(own: &str, canary: Option<&str>) -> Stage {
        Stage {
            deployment_id: Some(own.to_owned()),
            canary_settings: canary.map(|id| CanarySettings {
                deployment_id: Some(id.to_owned()),
                ..CanarySettings::default()
            }),
            ..Stage::default()
        }
    }

    #[test]
    fn periods_begin_and_end() {
        let mut served = Served::default();
        for (at, stage, expected) in [
            (1, Some(stage("a", None)), true),
            (2, Some(stage("a", None)), false),
            (3, Some(stage("a", Some("b"))), true),
            (4, Some(stage("b", None)), true),
            (5, None, true),
            (6, None, false),
        ] {
            assert_eq!(served.serves(stage.as_ref(), at), expected, "{at}");
        }
        let told: Vec<_> = served
            .periods
            .iter()
            .map(|it| (&*it.deployment_id, it.is_canary, it.from_ms, it.until_ms))
            .collect();
        assert_eq!(
            told,
            [
                ("a", false, 1, Some(4)),
                ("b", true, 3, Some(4)),
                ("b", false, 4, Some(5)),
            ]
        );
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut served = Served::default();
        for at in 0..PERIODS_MAX as u64 + 2 {
            served.serves(Some(&stage(&at.to_string(), None)), at);
        }
        assert_eq!(served.periods.len(), PERIODS_MAX);
        assert_eq!(served.periods[0].from_ms, 2);
    }
}
