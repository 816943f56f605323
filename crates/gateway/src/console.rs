//! What a developer is told at once: the real reason of each refusal, while the client reads AWS's text.

use std::fmt::Debug;

use crate::record::Record;

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
    Some(format!(
        "{} {} {shown}: {}",
        record.status,
        record.method(),
        error.reason.text
    ))
}
