//! Keys of cached answers that leave out what an answer depends on.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#enable-api-gateway-cache-keys>

use super::mappings::request_mappings;
use crate::code::Code;
use crate::exam::{Exam, Seen};
use crate::finding::Severity;

/// Tells of path variables that are in no key of a method that has one. A method without any says nothing of caches.
pub(super) fn check(exam: &mut Exam<'_>) {
    for seen in exam.methods() {
        let keys = keys(&seen);
        if keys.is_empty() {
            continue;
        }
        for name in seen.path_variables() {
            if !is_keyed(&seen, &keys, name) {
                tell(exam, &seen, name);
            }
        }
    }
}

fn keys<'d>(seen: &Seen<'d>) -> Vec<&'d str> {
    let given = seen.integration();
    let given = given.and_then(|it| it.cache_key_parameters.as_ref());
    given.into_iter().flatten().map(String::as_str).collect()
}

/// By itself, or as what a mapping makes of it.
fn is_keyed(seen: &Seen<'_>, keys: &[&str], name: &str) -> bool {
    let wanted = format!("method.request.path.{name}");
    let mappings = request_mappings(seen);
    let mut mapped = mappings.iter().filter(|(_, source)| *source == wanted);
    keys.contains(&&*wanted) || mapped.any(|(destination, _)| keys.contains(destination))
}

fn tell(exam: &mut Exam<'_>, seen: &Seen<'_>, name: &str) {
    let reason = format!(
        "no cache key has {{{name}}}: on a stage that caches this method, paths that differ in it get one answer until method.request.path.{name} is among cacheKeyParameters"
    );
    let place = seen.at_integration(&["cacheKeyParameters"]);
    exam.tell(
        Code::CacheKeyIncomplete,
        Severity::Warning,
        place,
        reason,
        None,
    );
}
