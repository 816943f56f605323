//! Buckets of stages and accounts. Those of a stage stand for the limits in its method settings, one for each method; those of
//! accounts for the limits of the configuration. They are found by name, so that a deployment changes none of them.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tollgate_model::clock::Clock;

use super::bucket::{Bucket, Limit, Rate};

/// A bucket with a limit of its own.
#[derive(Debug)]
pub(crate) struct OwnBucket {
    pub(crate) bucket: Bucket,
    pub(crate) rate: Rate,
}

impl OwnBucket {
    /// A full one.
    pub(crate) fn new(limit: Limit) -> Self {
        Self {
            bucket: Bucket::default(),
            rate: Rate::new(limit),
        }
    }
}

/// The buckets that plans name; each lives as long as a plan does that names it.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    of: Mutex<HashMap<String, Weak<OwnBucket>>>,
    clock: Clock,
}

impl Buckets {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            of: Mutex::default(),
            clock,
        }
    }

    /// The bucket of this name, under this limit from now on.
    pub(crate) fn find(&self, name: String, limit: Limit) -> Arc<OwnBucket> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = of.get(&name).and_then(Weak::upgrade) {
            if known.rate.set(limit) {
                known.bucket.renew(&known.rate, self.clock.ticks_ns());
            }
            return known;
        }
        // What nobody names any more goes when something new comes.
        of.retain(|_, bucket| bucket.strong_count() > 0);
        let bucket = Arc::new(OwnBucket::new(limit));
        of.insert(name, Arc::downgrade(&bucket));
        bucket
    }
}

/// The buckets of a stage's methods.
#[derive(Debug, Default)]
pub(crate) struct StageBuckets {
    /// By the resource's path, then by the request's method.
    of: HashMap<Box<str>, Vec<OfMethod>>,
}

/// The method that a request has, and its bucket.
type OfMethod = (Box<str>, Arc<OwnBucket>);

impl StageBuckets {
    /// Adds the bucket of a method.
    pub(crate) fn put(&mut self, path: &str, method: &str, bucket: Arc<OwnBucket>) {
        let methods = self.of.entry(path.into()).or_default();
        methods.push((method.into(), bucket));
    }

    /// That of a request.
    pub(crate) fn find(&self, path: &str, method: &str) -> Option<&OwnBucket> {
        if self.of.is_empty() {
            return None;
        }
        let mut methods = self.of.get(path)?.iter();
        methods
            .find(|(name, _)| **name == *method)
            .map(|(_, bucket)| &**bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_known_by_its_name_as_long_as_somebody_names_it() {
        let buckets = Buckets::new(Clock::at(1_000));
        let limit = Limit {
            rate: 1.0,
            burst: 2,
        };
        let now = Clock::at(1_000).ticks_ns();
        let take = |bucket: &OwnBucket| bucket.bucket.take(&bucket.rate, now).is_ok();
        let first = buckets.find("a/b".to_owned(), limit);
        assert!(take(&first) && take(&first) && !take(&first));
        let again = buckets.find(
            "a/b".to_owned(),
            Limit {
                rate: 5.0,
                burst: 3,
            },
        );
        assert!(
            take(&again) && !take(&first),
            "one token more, in one bucket"
        );
        drop((first, again));
        let anew = buckets.find("a/b".to_owned(), limit);
        assert!(take(&anew));
        drop(anew);
        drop(buckets.find("c".to_owned(), limit));
        assert_eq!(buckets.of.lock().unwrap().len(), 1);
    }
}
