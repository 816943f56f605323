//! What the cache did for a request: for the trace, the metrics and the recorder, which runs the request again by it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the cache did for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "File", try_from = "File")]
pub(crate) struct Told {
    pub(crate) decision: Decision,
    /// The method's, at the time.
    pub(crate) ttl_ms: u64,
    /// Whether the client asked for a fresh answer, may not have it, and is told so.
    pub(crate) is_warned: bool,
    /// What became of the answer that was fetched.
    pub(crate) kept: Option<Kept>,
}

/// Which answer a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// An entry's.
    Hit {
        /// The request that the entry answered first.
        of_request: [u8; 36],
        age_ms: u64,
        /// Whether the request waited for that one's fetch.
        has_waited: bool,
    },
    /// The integration's.
    Miss(Miss),
    /// None: it may not ask for a fresh one.
    Denied,
}

/// Why the integration is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Miss {
    /// There is no entry.
    Absent,
    /// The entry is too old.
    Expired,
    /// The client asked for a fresh answer.
    Asked,
    /// The request has no key.
    Unkeyed,
    /// Too many wait for the same entry.
    Crowded,
    /// What it waited for took too long, or came to nothing twice.
    Waited,
    /// What it waited for is not to be shared.
    Unshared,
}

/// What became of an answer that was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kept {
    /// It is an entry now.
    Yes,
    /// It is longer than AWS keeps.
    TooLong,
    /// It is a part of an answer, or answers a condition.
    Partial,
    /// The cache of the stage is at its bound.
    Full,
    /// The cache was flushed while it was fetched, or a later fetch ended before.
    Overtaken,
}

impl Told {
    /// Whether it counts as a hit or a miss; nothing where neither answered.
    pub(crate) fn is_hit(&self) -> Option<bool> {
        match self.decision {
            Decision::Hit { .. } => Some(true),
            Decision::Miss(_) => Some(false),
            Decision::Denied => None,
        }
    }
}

/// What was decided.
impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Hit { .. } => "hit",
            Self::Miss(Miss::Asked | Miss::Unkeyed) => "bypass",
            Self::Miss(_) => "miss",
            Self::Denied => "refused",
        })
    }
}

/// Why.
impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decision {
            Decision::Hit {
                of_request,
                age_ms,
                has_waited,
            } => {
                let id = String::from_utf8_lossy(&of_request);
                let how = if has_waited {
                    "it waited for that of request"
                } else {
                    "it is the answer to request"
                };
                let (age, ttl) = (Seconds(age_ms), Seconds(self.ttl_ms));
                write!(formatter, "{how} {id}, kept {age} ago, for {ttl}")?;
            }
            Decision::Miss(miss) => formatter.write_str(miss.text())?,
            Decision::Denied => formatter.write_str(
                "Cache-Control: max-age=0, and the caller may not invalidate (FAIL_WITH_403)",
            )?,
        }
        match self.is_warned {
            true => formatter.write_str(
                "; Cache-Control: max-age=0 is ignored, because the caller may not invalidate",
            ),
            false => Ok(()),
        }
    }
}

struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1_000, self.0 % 1_000);
        match part {
            0 => write!(formatter, "{whole} s"),
            part => write!(formatter, "{whole}.{part:03} s"),
        }
    }
}

impl Miss {
    fn text(self) -> &'static str {
        match self {
            Self::Absent => "there is no entry",
            Self::Expired => "the entry is too old",
            Self::Asked => "Cache-Control: max-age=0 asks for a fresh answer",
            Self::Unkeyed => {
                "the request has no key: a GET or HEAD with a body, or a key parameter out of a body that is not JSON"
            }
            Self::Crowded => "as many requests as may wait for the same entry already",
            Self::Waited => "what it waited for did not come in time, or came to nothing",
            Self::Unshared => "what it waited for is not kept",
        }
    }
}

impl Kept {
    /// What was done, and why.
    pub(super) fn text(self) -> [&'static str; 2] {
        match self {
            Self::Yes => ["kept", "the method's answers are cached"],
            Self::TooLong => ["not kept", "it is longer than 1,048,576 bytes"],
            Self::Partial => [
                "not kept",
                "it is a part of an answer, or answers a condition of the client's",
            ],
            Self::Full => [
                "not kept",
                "the stage's entries take as much as its cacheClusterSize, or [cache] bytes_max",
            ],
            Self::Overtaken => [
                "not kept",
                "the cache was flushed meanwhile, or a later answer is kept",
            ],
        }
    }
}

/// As a recording holds it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    decision: FileDecision,
    ttl_ms: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_warned: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<Kept>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FileDecision {
    #[serde(rename_all = "camelCase")]
    Hit {
        of_request: String,
        age_ms: u64,
        has_waited: bool,
    },
    Miss(Miss),
    Denied,
}

impl From<Told> for File {
    fn from(told: Told) -> Self {
        Self {
            decision: match told.decision {
                Decision::Hit {
                    of_request,
                    age_ms,
                    has_waited,
                } => FileDecision::Hit {
                    of_request: String::from_utf8_lossy(&of_request).into_owned(),
                    age_ms,
                    has_waited,
                },
                Decision::Miss(miss) => FileDecision::Miss(miss),
                Decision::Denied => FileDecision::Denied,
            },
            ttl_ms: told.ttl_ms,
            is_warned: told.is_warned,
            kept: told.kept,
        }
    }
}

impl TryFrom<File> for Told {
    type Error = &'static str;

    fn try_from(file: File) -> Result<Self, Self::Error> {
        Ok(Self {
            decision: match file.decision {
                FileDecision::Hit {
                    of_request,
                    age_ms,
                    has_waited,
                } => Decision::Hit {
                    of_request: of_request
                        .as_bytes()
                        .try_into()
                        .map_err(|_| "a request's id has 36 characters")?,
                    age_ms,
                    has_waited,
                },
                FileDecision::Miss(miss) => Decision::Miss(miss),
                FileDecision::Denied => Decision::Denied,
            },
            ttl_ms: file.ttl_ms,
            is_warned: file.is_warned,
            kept: file.kept,
        })
    }
}
