//! Why a document is no policy: AWS's words for the caller of the operation, and ours with the place and the cause.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html> (`MalformedPolicyDocument`)

/// A document that is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{cause}")]
pub struct Malformed {
    pub(crate) rule: Rule,
    /// Where it is, such as `statement 2, Action: `; empty for the whole document.
    pub(crate) place: String,
    /// What is wrong, in our words.
    pub(crate) cause: String,
}

const SID_TEXT: &str = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";

/// The rules in the order in which IAM holds a document against them: of several that are broken, the first is told.
/// The texts are those that AWS was seen to answer, as moto's tests record them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    Json,
    TooLarge,
    Syntax,
    Version,
    Legacy,
    Sid,
    SidTwice,
    NoActions,
    Resource(String),
    ActionPrefix(String),
    NoResources,
    Principal(String),
    PrincipalMissing,
    PrincipalGiven,
    ResourceGiven,
}

impl Malformed {
    /// The message of `MalformedPolicyDocument` in AWS's words.
    pub fn message(&self) -> String {
        let text = match &self.rule {
            Rule::Json => "This policy contains invalid Json",
            Rule::TooLarge | Rule::Syntax => "Syntax errors in policy.",
            Rule::Version => "Policy document must be version 2012-10-17 or greater.",
            Rule::Legacy => "The policy failed legacy parsing",
            Rule::Sid => SID_TEXT,
            Rule::SidTwice => "Statement IDs (SID) in a single policy must be unique.",
            Rule::NoActions => "Policy statement must contain actions.",
            Rule::NoResources => "Policy statement must contain resources.",
            Rule::Resource(text) | Rule::ActionPrefix(text) | Rule::Principal(text) => text,
            Rule::PrincipalMissing => "Missing required field Principal",
            Rule::PrincipalGiven => "Policy document should not specify a principal.",
            Rule::ResourceGiven => "Has prohibited field Resource",
        };
        text.to_owned()
    }

    pub(crate) fn new(rule: Rule, cause: impl Into<String>) -> Self {
        Self {
            rule,
            place: String::new(),
            cause: cause.into(),
        }
    }

    /// The same, found at `place`.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.place.insert_str(0, ": ");
        self.place.insert_str(0, place);
        self
    }
}
