//! The claim that no route answers an anonymous caller, but those that are allowed to, and what became of it.

use tollgate_gateway::exposure::{Exposure, Judged, Route, Verdict};

use crate::arguments::Allowed;

/// What became of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claim {
    /// Methods that let anybody in, preflight requests apart.
    pub(super) exposed: usize,
    /// Preflight requests, which browsers send without credentials.
    pub(super) preflight: usize,
    /// Methods of which it is not known.
    pub(super) undecided: usize,
    /// Methods that let anybody in and may.
    pub(super) allowed: usize,
    /// Methods that let nobody in who shows nothing.
    pub(super) guarded: usize,
    allow: Vec<Allowed>,
}

impl Claim {
    pub(super) fn of(exposure: &Exposure, allow: &[Allowed]) -> Self {
        let mut claim = Self {
            allow: allow.to_vec(),
            ..Self::default()
        };
        for route in &exposure.routes {
            for judged in &route.methods {
                claim.count(route, judged);
            }
        }
        claim
    }

    fn count(&mut self, route: &Route, judged: &Judged) {
        let is_allowed = self.allows(route, judged);
        let counter = match &judged.verdict {
            Verdict::Guarded { .. } => &mut self.guarded,
            Verdict::Exposed { .. } | Verdict::Undecided { .. } if is_allowed => &mut self.allowed,
            Verdict::Exposed { .. } if is_preflight(judged) => &mut self.preflight,
            Verdict::Exposed { .. } => &mut self.exposed,
            Verdict::Undecided { .. } => &mut self.undecided,
        };
        *counter += 1;
    }

    /// Whether a method may let anybody in.
    pub(super) fn allows(&self, route: &Route, judged: &Judged) -> bool {
        self.allow.iter().any(|it| {
            let is_method = it.method == judged.method || it.method == "ANY";
            is_method && it.path.as_ref().is_none_or(|path| *path == route.path)
        })
    }

    /// 0 proven, 1 exposed, 2 not known.
    pub(super) fn exit_code(&self) -> u8 {
        match (self.exposed + self.preflight, self.undecided) {
            (0, 0) => 0,
            (0, _) => 2,
            _ => 1,
        }
    }

    fn outcome(&self) -> &'static str {
        match self.exit_code() {
            0 => "proven",
            1 => "exposed",
            _ => "undecided",
        }
    }

    /// What was found, with the outcome.
    pub(super) fn json(&self, exposure: &Exposure) -> String {
        let mut told = serde_json::json!({
            "claim": "no route answers an anonymous caller",
            "outcome": self.outcome(),
        });
        let mut found = serde_json::json!(exposure);
        for (route, shown) in exposure.routes.iter().zip(items(&mut found, "routes")) {
            for (judged, shown) in route.methods.iter().zip(items(shown, "methods")) {
                shown["isAllowed"] = self.allows(route, judged).into();
            }
        }
        if let (Some(told), Some(found)) = (told.as_object_mut(), found.as_object_mut()) {
            told.append(found);
        }
        told.to_string()
    }
}

fn items<'v>(
    value: &'v mut serde_json::Value,
    name: &str,
) -> impl Iterator<Item = &'v mut serde_json::Value> {
    let items = value.get_mut(name).and_then(|it| it.as_array_mut());
    items.into_iter().flatten()
}

/// Whether it is the method that browsers ask with before they send credentials.
pub(super) fn is_preflight(judged: &Judged) -> bool {
    judged.method == "OPTIONS"
}
