//! Which methods of a stage have their answers kept, and how: a stage's cache with its settings by method.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_wire::apigateway::MethodSetting;

use super::store::{Caches, StageCache};
use crate::plan::{DeploymentPlan, MethodSettings, Resource};

/// AWS's TTL where none is said.
const TTL_SECONDS: i32 = 300;

/// How the answers of one method are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caching {
    /// `cacheTtlInSeconds`, in milliseconds; never 0.
    pub(super) ttl_ms: u64,
    /// `cacheDataEncrypted`
    pub(super) is_encrypted: bool,
    /// Who may have an entry fetched anew; anybody without it.
    pub(super) unauthorized: Option<Strategy>,
}

/// `unauthorizedCacheControlHeaderStrategy`: what becomes of a request that may not invalidate and asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    /// `FAIL_WITH_403`
    Fail,
    /// `SUCCEED_WITH_RESPONSE_HEADER`
    Warn,
    /// `SUCCEED_WITHOUT_RESPONSE_HEADER`
    Ignore,
}

impl Caching {
    /// That of a block of settings; nothing where it turns caching off, as a TTL of 0 does.
    pub(crate) fn of(setting: &MethodSetting) -> Option<Self> {
        let seconds = setting.cache_ttl_in_seconds.unwrap_or(TTL_SECONDS);
        let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
        let is_guarded = setting
            .require_authorization_for_cache_control
            .unwrap_or(true);
        let strategy = setting
            .unauthorized_cache_control_header_strategy
            .as_deref();
        setting.caching_enabled.unwrap_or(false).then(|| Self {
            ttl_ms: seconds * 1_000,
            is_encrypted: setting.cache_data_encrypted.unwrap_or(false),
            unauthorized: is_guarded.then(|| Strategy::parse(strategy)),
        })
    }
}

impl Strategy {
    fn parse(text: Option<&str>) -> Self {
        match text {
            Some("FAIL_WITH_403") => Self::Fail,
            Some("SUCCEED_WITHOUT_RESPONSE_HEADER") => Self::Ignore,
            _ => Self::Warn,
        }
    }
}

/// The cache of a stage, as a plan of the stage uses it.
#[derive(Debug)]
pub(crate) struct StageCaching {
    pub(super) caches: Arc<Caches>,
    pub(super) stage: Arc<StageCache>,
    /// By the resource's path: the methods that requests may have.
    methods: HashMap<Box<str>, Vec<(Box<str>, Caching)>>,
}

impl StageCaching {
    /// That of a stage's deployment, or of its canary's.
    pub(crate) fn new(
        caches: Arc<Caches>,
        stage: Arc<StageCache>,
        deployment: &DeploymentPlan,
        settings: &MethodSettings,
    ) -> Self {
        let of_resource = |resource: &Resource| {
            let names = resource.request_methods().into_iter();
            let cached: Vec<_> = names
                .filter_map(|name| Some((name.into(), settings.caching(&resource.path, name)?)))
                .collect();
            (!cached.is_empty()).then(|| (resource.path.clone(), cached))
        };
        let resources = deployment.resources.iter();
        Self {
            methods: resources.filter_map(of_resource).collect(),
            caches,
            stage,
        }
    }

    /// How a method's answers are kept, if they are.
    pub(super) fn find(&self, path: &str, method: &str) -> Option<Caching> {
        let mut methods = self.methods.get(path)?.iter();
        methods
            .find(|(name, _)| **name == *method)
            .map(|(_, caching)| *caching)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_caches_where_it_is_enabled_and_lasts() {
        for (enabled, ttl, expected) in [
            (Some(true), None, Some(300_000)),
            (Some(true), Some(1), Some(1_000)),
            (Some(true), Some(0), None),
            (Some(true), Some(-1), None),
            (Some(false), Some(60), None),
            (None, Some(60), None),
        ] {
            let setting = MethodSetting {
                caching_enabled: enabled,
                cache_ttl_in_seconds: ttl,
                ..MethodSetting::default()
            };
            let found = Caching::of(&setting).map(|caching| caching.ttl_ms);
            assert_eq!(found, expected, "{enabled:?} {ttl:?}");
        }
    }

    #[test]
    fn nobody_may_invalidate_unless_it_is_said() {
        let of = |guarded, strategy: Option<&str>| {
            let setting = MethodSetting {
                caching_enabled: Some(true),
                require_authorization_for_cache_control: guarded,
                unauthorized_cache_control_header_strategy: strategy.map(str::to_owned),
                ..MethodSetting::default()
            };
            Caching::of(&setting).expect("it caches").unauthorized
        };
        assert_eq!(of(None, None), Some(Strategy::Warn));
        assert_eq!(of(Some(true), Some("FAIL_WITH_403")), Some(Strategy::Fail));
        let silent = Some("SUCCEED_WITHOUT_RESPONSE_HEADER");
        assert_eq!(of(Some(true), silent), Some(Strategy::Ignore));
        assert_eq!(of(Some(false), Some("FAIL_WITH_403")), None);
    }
}
