//! What is found: a code, how bad it is, where it stands, why, and the request that shows it.

use serde_json::{Value, json};

use crate::code::Code;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The import or the deployment is refused, or requests that keep to the definition fail.
    Error,
    /// Answers differ from what the definition says, or some requests go wrong.
    Warning,
    /// Worth knowing, or not known from the file alone.
    Note,
}

impl Severity {
    /// Its name in all outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) to the place in the document.
    pub pointer: String,
    /// Line and column, from 1.
    pub position: Option<(u64, u64)>,
    /// The part of the API: `GET /pets`, `model Pet`, …
    pub subject: String,
    /// Why, in words.
    pub reason: String,
    /// The request that shows it, and what came of it.
    pub evidence: Option<Evidence>,
}

/// A request that was run through the gateway's engine, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The method.
    pub method: String,
    /// Path and query, without the stage.
    pub target: String,
    /// The fields, `Host` left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What the backend was made to answer: status and body, or why it did not.
    pub backend: Option<String>,
    /// The address that the backend would have been called at.
    pub called: Option<String>,
    /// The body that the backend would have got.
    pub sent: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: String,
    /// Why the gateway refused, if it did.
    pub why: Option<String>,
}

impl Finding {
    /// The finding as one JSON object; `docs/check.md` has its members.
    pub fn to_json(&self, file: &str) -> Value {
        json!({
            "code": self.code.name(),
            "severity": self.severity.name(),
            "file": file,
            "line": self.position.map(|(line, _)| line),
            "column": self.position.map(|(_, column)| column),
            "pointer": self.pointer,
            "subject": self.subject,
            "reason": self.reason,
            "evidence": self.evidence.as_ref().map(Evidence::to_json),
        })
    }
}

impl Evidence {
    fn to_json(&self) -> Value {
        let headers = self.headers.iter();
        let headers: Vec<Value> = headers.map(|(name, value)| json!([name, value])).collect();
        json!({
            "request": {
                "method": self.method,
                "target": self.target,
                "headers": headers,
                "body": self.body,
            },
            "called": self.called,
            "sent": self.sent,
            "backend": self.backend,
            "response": {"status": self.status, "body": self.answer},
            "why": self.why,
        })
    }

    /// The request on one line.
    pub fn request_line(&self) -> String {
        let mut line = format!("{} {}", self.method, self.target);
        for (name, value) in &self.headers {
            line.push_str(&format!("  {name}: {value}"));
        }
        if !self.body.is_empty() {
            line.push_str("  ");
            line.push_str(&shortened(&self.body));
        }
        line
    }

    /// The answer on one line.
    pub fn answer_line(&self) -> String {
        format!("{} {}", self.status, shortened(&self.answer))
    }
}

/// Characters of a body that are shown to people.
const SHOWN_MAX: usize = 160;

/// A text on one line, cut where it is long.
pub(crate) fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
