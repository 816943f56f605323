//! What a developer is told at once: the real reason of each refusal, while the client reads AWS's text.

use std::fmt::Debug;

use crate::record::Record;
use crate::route;

/// Hears of refused and failed requests. Called on gateway cores: it must neither block nor fail, so whoever prints passes the
/// text on to another thread by a bounded channel and drops what does not fit.
pub trait Console: Debug + Send + Sync {
    /// One line without a line feed.
    fn say(&self, line: String);
}

/// `403 GET /dev/pets: no such route: …`
pub(crate) fn line(record: &Record) -> Option<String> {
    let error = record.error.as_ref()?;
    let target = record.head().target();
    let shown: String = target.chars().take(200).collect();
    let mut line = format!(
        "{} {} {shown}: {}",
        record.status,
        record.method(),
        error.reason.text
    );
    if let Some(nearest) = nearest(record, &error.reason.text) {
        line.push_str("; nearest is ");
        line.push_str(&nearest);
    }
    Some(line)
}

/// What the request may have meant that met no route. Looked for here only: a gateway in production has better to do for those who
/// try out paths.
fn nearest(record: &Record, reason: &str) -> Option<String> {
    let stage = record
        .stage()
        .filter(|_| reason.starts_with(route::NO_ROUTE))?;
    route::nearest::find(&stage.deployment, record.method(), record.route_path())
}
