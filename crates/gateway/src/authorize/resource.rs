//! The ARN of the method that a request asks for, as policies name it, and the other spellings of the same path.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
//!
//! A policy speaks of paths as texts, while a path has many spellings that some router or backend takes for the same: doubled slashes, a
//! slash at the end, encoded letters, dot segments, parameters of segments. What AWS holds against a policy then is not known. Here a policy
//! is asked about each reading (a guess): a denial of any of them holds, and what would leave its place in the tree has to be allowed there too.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use tollgate_model::arn::partition_of;

use crate::plan::StagePlan;
use crate::record::Record;

/// Rounds of decoding; what is still encoded then is left so.
const ROUNDS_MAX: usize = 4;

/// The method that is asked for.
#[derive(Debug)]
pub(super) struct Resource {
    /// As the router reads it.
    pub(super) arn: String,
    /// Other readings; none of a plain path.
    pub(super) others: Vec<Other>,
}

/// Another reading of the path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Other {
    pub(super) arn: String,
    /// Whether a policy must allow it; of others it is enough that none denies them.
    pub(super) must_be_allowed: bool,
}

impl Resource {
    /// That of a request.
    pub(super) fn of(stage: &StagePlan, record: &Record) -> Self {
        let start = start(stage, record.method());
        let written = record.route_path();
        let written = written.strip_prefix('/').unwrap_or(written);
        let tidy = tidied(written);
        let others = others(written, &tidy).map(|(path, must_be_allowed)| Other {
            arn: format!("{start}{path}"),
            must_be_allowed,
        });
        Self {
            others: others.collect(),
            arn: start + &tidy,
        }
    }

    /// As AWS's refusals show it: of the account the last digits.
    pub(super) fn shown(&self, account: &str) -> String {
        let last = account.len().saturating_sub(4);
        let shown = account.get(last..).unwrap_or_default();
        let hidden = format!(":********{shown}:");
        self.arn.replacen(&format!(":{account}:"), &hidden, 1)
    }
}

/// How the ARNs of a method begin; the path follows, without its first slash.
pub(crate) fn start(stage: &StagePlan, method: &str) -> String {
    let api = &stage.api;
    format!(
        "arn:{}:execute-api:{}:{}:{}/{}/{method}/",
        partition_of(&api.region),
        api.region,
        api.account,
        api.id,
        stage.name,
    )
}

fn others<'p>(written: &'p str, tidy: &str) -> impl Iterator<Item = (Cow<'p, str>, bool)> {
    let as_written = (written != tidy).then_some((Cow::Borrowed(written), false));
    as_written.into_iter().chain(loose(written, tidy))
}

/// Without empty segments, which the router does not count.
fn tidied(path: &str) -> Cow<'_, str> {
    if !path.contains("//") && !path.starts_with('/') && !path.ends_with('/') {
        return Cow::Borrowed(path);
    }
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    Cow::Owned(segments.collect::<Vec<_>>().join("/"))
}

/// What a backend may take the path for that decodes and tidies all it can.
fn loose<'p>(written: &str, tidy: &str) -> Option<(Cow<'p, str>, bool)> {
    let is_plain = |segment: &str| segment != "." && segment != "..";
    if !written.contains(['%', '\\', ';']) && written.split('/').all(is_plain) {
        return None;
    }
    let whole = decoded(written);
    let end = whole.find(['\0', '?', '#']).unwrap_or(whole.len());
    let mut segments: Vec<&str> = Vec::new();
    for segment in whole[..end].split(['/', '\\']) {
        let name = segment.split(';').next().unwrap_or_default();
        match name {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(name),
        }
    }
    let own = tidy.split('/').map(decoded);
    let is_in_place = own.eq(segments.iter().copied().map(str::to_owned));
    let path = segments.join("/");
    (path != *tidy).then_some((Cow::Owned(path), !is_in_place))
}

fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let next = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, tidy: &str, expected: &[(&str, bool)]) {
        assert_eq!(tidied(written), tidy, "{written}");
        let found: Vec<_> = others(written, tidy).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(path, must)| (Cow::Borrowed(*path), *must))
            .collect();
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn a_plain_path_has_one_reading() {
        for path in ["", "pets", "pets/7/toys", "a.b/..c/d..", "Pets"] {
            check(path, path, &[]);
        }
    }

    #[test]
    fn other_spellings_have_others() {
        check("admin/", "admin", &[("admin/", false)]);
        check("a//b", "a/b", &[("a//b", false)]);
        check("a%20b", "a%20b", &[("a b", false)]);
        check("%61dmin", "%61dmin", &[("admin", false)]);
        check("%2561dmin", "%2561dmin", &[("admin", false)]);
        check("open/../admin", "open/../admin", &[("admin", true)]);
        check("open/%2e%2e/admin", "open/%2e%2e/admin", &[("admin", true)]);
        check("open/..%2fa%2fb", "open/..%2fa%2fb", &[("a/b", true)]);
        check("open%2fadmin", "open%2fadmin", &[("open/admin", true)]);
        check("open\\..\\admin", "open\\..\\admin", &[("admin", true)]);
        check("admin;x=1", "admin;x=1", &[("admin", true)]);
        check("admin%00.png", "admin%00.png", &[("admin", true)]);
        check("admin%3fx", "admin%3fx", &[("admin", true)]);
        check("./admin", "./admin", &[("admin", true)]);
        check("../../admin", "../../admin", &[("admin", true)]);
        check(
            "a/%2e%2e//b/",
            "a/%2e%2e/b",
            &[("a/%2e%2e//b/", false), ("b", true)],
        );
    }
}
