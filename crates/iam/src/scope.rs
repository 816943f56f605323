//! What a policy can tell apart among the requests of one principal for one action on some resources: for whoever wants to try a request of
//! each kind. Statements that can say nothing about these requests are left out first.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::condition::Condition;
use crate::context::Context;
use crate::document::{Effect, Policy, Statement};
use crate::evaluate::{Policies, Run};
use crate::meeting::{self, Meeting};
use crate::request::{Principal, Request};
use crate::steps::Steps;

pub use crate::meeting::Piece;

/// What of a policy speaks of some requests.
#[derive(Debug)]
pub struct Scope<'p> {
    statements: Vec<&'p Statement>,
    never_allows: bool,
    resources: Samples<String>,
}

/// Values to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples<T> {
    /// The values that the policy names, or that fit what it names.
    pub values: Vec<T>,
    /// Whether the policy decides on every other value as on all the others that it does not name.
    pub is_complete: bool,
}

impl<T> Samples<T> {
    fn none() -> Self {
        Self {
            values: Vec::new(),
            is_complete: true,
        }
    }
}

impl Policy {
    /// What it says to `principal` who does `action` on any resource that these pieces describe.
    pub fn scope(
        &self,
        principal: Principal<'_>,
        action: &str,
        resource: &[Piece<'_>],
    ) -> Scope<'_> {
        let context = Context::default();
        let policies = Policies {
            resource: Some(self),
            ..Policies::default()
        };
        let request = Request {
            principal,
            action,
            resource: "",
            owner: "",
            canonical_user: None,
            context: &context,
        };
        let run = Run {
            policies: &policies,
            request: &request,
            steps: Steps::new(),
        };
        let named = self.statements.iter();
        let named = named.filter(|it| run.reach(it).is_some() && run.action_fits(it));
        Scope::of(named, resource)
    }
}

impl<'p> Scope<'p> {
    fn of(named: impl Iterator<Item = &'p Statement>, resource: &[Piece<'_>]) -> Self {
        let mut scope = Self {
            statements: Vec::new(),
            never_allows: false,
            resources: Samples::none(),
        };
        for statement in named {
            let met = meeting::of(statement.resources.as_ref(), resource);
            match met {
                Meeting::None => continue,
                Meeting::All => {
                    scope.never_allows |=
                        statement.effect == Effect::Deny && statement.conditions.is_empty();
                }
                Meeting::Some(samples) => {
                    scope.resources.is_complete = false;
                    scope.resources.values.extend(samples);
                }
            }
            scope.statements.push(statement);
        }
        let mut statements = scope.statements.iter();
        scope.never_allows |= !statements.any(|it| it.effect == Effect::Allow);
        scope
    }

    /// Whether nothing allows any of the requests, or something denies them all, whatever the values of condition keys are.
    pub fn never_allows(&self) -> bool {
        self.never_allows
    }

    /// The condition keys that decide, in small letters.
    pub fn keys(&self) -> BTreeSet<String> {
        let keys = self.statements.iter().flat_map(|it| it.keys());
        keys.map(str::to_ascii_lowercase).collect()
    }

    /// Resources that single statements speak of, while they do not speak of all.
    pub fn resources(&self) -> &Samples<String> {
        &self.resources
    }

    /// The ranges of addresses, first and last, that `key` is compared with.
    pub fn ranges(&self, key: &str) -> Samples<(IpAddr, IpAddr)> {
        self.gather(key, Condition::sample_ranges)
    }

    /// The moments that `key` is compared with, in milliseconds since 1970.
    pub fn moments(&self, key: &str) -> Samples<i64> {
        self.gather(key, Condition::sample_moments)
    }

    /// The texts that `key` is compared with.
    pub fn texts(&self, key: &str) -> Samples<String> {
        let mut texts = self.gather(key, Condition::sample_texts);
        let of_key = || self.conditions(key);
        // A spelling may be named beside all spellings of the same letters: then there are kinds that nobody listed.
        let folds = of_key().any(Condition::ignores_case) && !of_key().all(Condition::ignores_case);
        texts.is_complete &= !folds;
        texts
    }

    fn conditions(&self, key: &str) -> impl Iterator<Item = &'p Condition> {
        let conditions = self.statements.iter().flat_map(|it| &*it.conditions);
        conditions.filter(move |it| it.key.eq_ignore_ascii_case(key))
    }

    fn gather<T: PartialEq>(
        &self,
        key: &str,
        samples: impl Fn(&Condition) -> Samples<T>,
    ) -> Samples<T> {
        let mut all = Samples::none();
        for condition in self.conditions(key) {
            let found = samples(condition);
            all.is_complete &= found.is_complete;
            for value in found.values {
                if !all.values.contains(&value) {
                    all.values.push(value);
                }
            }
        }
        all
    }
}
