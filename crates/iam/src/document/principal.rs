//! `Principal` and `NotPrincipal`: whom a statement of a resource's policy speaks of.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>

use crate::json::Node;
use crate::malformed::{Malformed, Rule};
use crate::request::Principal;

/// The principals of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Principals {
    /// Whether they are those that it does not speak of.
    pub(crate) negated: bool,
    pub(crate) entries: Box<[Named]>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Named {
    /// `*`
    Everyone,
    /// An account, by its number or by the ARN of its root.
    Account(Box<str>),
    /// A user, a role, or a session of either.
    Arn(Box<str>),
    /// The id of a user or role that is gone, into which AWS turns its ARN: it names nobody any more.
    Gone(Box<str>),
    Federated(Box<str>),
    Service(Box<str>),
    CanonicalUser(Box<str>),
}

/// How directly a statement names who asks; what names it more directly is worth more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Its account, which leaves it to the account's own policies whether it may.
    Account,
    /// The role of a session, or the user who federated: boundary and session policy still limit it.
    Behind,
    /// The very principal, or everyone.
    Direct,
}

impl Principals {
    /// Reads the value of either element.
    pub(crate) fn read(node: &Node, negated: bool) -> Result<Self, Malformed> {
        let entries = match node {
            Node::Text(text) if text == "*" => vec![Named::Everyone],
            Node::Map(kinds) => {
                let lists: Result<Vec<_>, _> = kinds
                    .iter()
                    .map(|(kind, value)| read_kind(kind, value))
                    .collect();
                lists?.concat()
            }
            _ => return Err(syntax("neither \"*\" nor a map of principals")),
        };
        match entries.is_empty() {
            true => Err(syntax("it names nobody")),
            false => Ok(Self {
                negated,
                entries: entries.into(),
            }),
        }
    }

    /// How directly they name `principal`; none where they do not.
    pub(crate) fn reach(
        &self,
        principal: &Principal<'_>,
        canonical: Option<&str>,
    ) -> Option<Reach> {
        let reaches = self.entries.iter();
        reaches
            .filter_map(|named| named.reach(principal, canonical))
            .max()
    }

    /// Whether they name what `principal` is at every level: its account, then its role or user, then the session. A denial that
    /// leaves out one of them hits it, because AWS may look at each.
    pub(crate) fn name_every_level(&self, principal: &Principal<'_>) -> bool {
        if self.entries.contains(&Named::Everyone) {
            return true;
        }
        let has_account = |account: &str| {
            let named =
                |entry: &Named| matches!(entry, Named::Account(number) if **number == *account);
            self.entries.iter().any(named)
        };
        let has_arn = |arn: &str| {
            let named = |entry: &Named| matches!(entry, Named::Arn(named) if **named == *arn);
            self.entries.iter().any(named)
        };
        match *principal {
            Principal::Anonymous | Principal::Federated { .. } | Principal::Service { .. } => {
                self.reach(principal, None).is_some()
            }
            Principal::Root { account } => has_account(account),
            Principal::User { account, arn } => has_account(account) && has_arn(arn),
            Principal::RoleSession {
                account,
                role: behind,
                session,
            }
            | Principal::FederatedUser {
                account,
                user: behind,
                session,
            } => has_account(account) && has_arn(behind) && has_arn(session),
        }
    }
}

impl Named {
    fn reach(&self, principal: &Principal<'_>, canonical: Option<&str>) -> Option<Reach> {
        match (self, principal) {
            (Self::Everyone, _) => Some(Reach::Direct),
            (Self::Account(number), Principal::Root { account }) if **number == **account => {
                Some(Reach::Direct)
            }
            (Self::Account(number), _) if principal.account() == Some(number) => {
                Some(Reach::Account)
            }
            (Self::Arn(named), Principal::User { arn, .. }) if **named == **arn => {
                Some(Reach::Direct)
            }
            (
                Self::Arn(named),
                Principal::RoleSession {
                    role: behind,
                    session,
                    ..
                }
                | Principal::FederatedUser {
                    user: behind,
                    session,
                    ..
                },
            ) => match &**named {
                arn if arn == *session => Some(Reach::Direct),
                arn if arn == *behind => Some(Reach::Behind),
                _ => None,
            },
            (Self::Federated(named), Principal::Federated { provider }) => {
                (**named == **provider).then_some(Reach::Direct)
            }
            (Self::Service(named), Principal::Service { name }) => {
                (**named == **name).then_some(Reach::Direct)
            }
            (Self::CanonicalUser(id), _) => (canonical == Some(id)).then_some(Reach::Account),
            (
                Self::Account(_)
                | Self::Arn(_)
                | Self::Gone(_)
                | Self::Federated(_)
                | Self::Service(_),
                _,
            ) => None,
        }
    }

    /// As the policy writes it.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Everyone => "*",
            Self::Account(text)
            | Self::Arn(text)
            | Self::Gone(text)
            | Self::Federated(text)
            | Self::Service(text)
            | Self::CanonicalUser(text) => text,
        }
    }
}

fn read_kind(kind: &str, value: &Node) -> Result<Vec<Named>, Malformed> {
    let read: fn(&str) -> Result<Named, Malformed> = match kind {
        "AWS" => read_aws,
        "Federated" => |text| read_name(text, Named::Federated),
        "Service" => |text| read_name(text, Named::Service),
        "CanonicalUser" => |text| read_name(text, Named::CanonicalUser),
        _ => return Err(syntax(format!("no kind of principal is called {kind:?}"))),
    };
    super::texts(value)?.iter().map(|text| read(text)).collect()
}

fn read_name(text: &str, named: fn(Box<str>) -> Named) -> Result<Named, Malformed> {
    match text {
        // "You can use * only to specify everyone/anonymous", which a service or a provider is not.
        _ if text.is_empty() || text.contains(['*', '?']) => Err(invalid(text)),
        _ => Ok(named(text.into())),
    }
}

fn read_aws(text: &str) -> Result<Named, Malformed> {
    if text == "*" {
        return Ok(Named::Everyone);
    }
    if is_account(text) {
        return Ok(Named::Account(text.into()));
    }
    if is_unique_id(text) {
        return Ok(Named::Gone(text.into()));
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        _ if text.contains(['*', '?']) => Err(invalid(text)),
        ["arn", _, "iam", "", account, "root"] if is_account(account) => {
            Ok(Named::Account((*account).into()))
        }
        ["arn", _, "iam" | "sts", "", account, resource] if is_account(account) => {
            let kind = resource.split_once('/').map(|(kind, _)| kind);
            let kinds = ["user", "role", "assumed-role", "federated-user"];
            match kind.is_some_and(|kind| kinds.contains(&kind)) {
                true => Ok(Named::Arn(text.into())),
                false => Err(invalid(text)),
            }
        }
        _ => Err(invalid(text)),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `AIDA…`, `AROA…`.
fn is_unique_id(text: &str) -> bool {
    let has_prefix = text.starts_with("AIDA") || text.starts_with("AROA");
    let is_id = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    has_prefix && text.len() >= 16 && text.bytes().all(is_id)
}

fn syntax(cause: impl Into<String>) -> Malformed {
    Malformed::new(Rule::Syntax, cause)
}

fn invalid(text: &str) -> Malformed {
    let told = format!("Invalid principal in policy: \"AWS\":\"{text}\"");
    Malformed::new(Rule::Principal(told), format!("{text:?} is no principal"))
}
