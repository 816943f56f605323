//! The keys that signatures are made with, derived once for each access key, day and region on each core: deriving one costs four HMACs, which is
//! most of what a signature of a small request costs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use tollgate_sigv4::{Scope, signing_key};

/// Access keys whose signing keys a core keeps. When more sign at one core, it forgets them all and begins again.
const KEPT_MAX: usize = 1_024;

/// A signing key with what it was derived from.
struct Derived {
    secret: Arc<str>,
    scope: Scope,
    key: [u8; 32],
}

thread_local! {
    static KEPT: RefCell<HashMap<Box<str>, Derived>> = RefCell::default();
}

/// The signing key of an access key's secret within a scope.
pub(super) fn derive(access_key: &str, secret: &Arc<str>, scope: &Scope) -> [u8; 32] {
    KEPT.with_borrow_mut(|kept| {
        if let Some(known) = kept.get(access_key)
            && known.secret == *secret
            && known.scope == *scope
        {
            return known.key;
        }
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        let derived = Derived {
            secret: secret.clone(),
            scope: scope.clone(),
            key: signing_key(secret, scope),
        };
        let key = derived.key;
        kept.insert(access_key.into(), derived);
        key
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_would_be_derived() {
        let scope = |day: &str, region: &str| Scope {
            day: day.to_owned(),
            region: region.to_owned(),
            service: "execute-api".to_owned(),
        };
        let (one, other): (Arc<str>, Arc<str>) = ("one".into(), "other".into());
        for (secret, scope) in [
            (&one, scope("20260101", "us-east-1")),
            (&one, scope("20260101", "us-east-1")),
            (&one, scope("20260102", "us-east-1")),
            (&one, scope("20260102", "eu-west-1")),
            (&other, scope("20260102", "eu-west-1")),
            (&one, scope("20260101", "us-east-1")),
        ] {
            assert_eq!(derive("AKIA1", secret, &scope), signing_key(secret, &scope));
        }
        for number in 0..3 * KEPT_MAX {
            derive(&number.to_string(), &one, &scope("20260101", "us-east-1"));
        }
        assert!(KEPT.with_borrow(HashMap::len) <= KEPT_MAX);
    }
}
