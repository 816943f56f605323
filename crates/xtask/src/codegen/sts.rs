//! The operations of STS that are kept, by the file of their subject.

pub(crate) const RESOURCES: &[(&str, &[&str])] = &[
    ("assume_role", &["AssumeRole", "AssumeRoleWithWebIdentity"]),
    (
        "caller_identity",
        &["GetAccessKeyInfo", "GetCallerIdentity"],
    ),
    ("session_token", &["GetSessionToken"]),
];
