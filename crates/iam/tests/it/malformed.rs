//! What is no policy: AWS's message, and our place and cause.

use tollgate_iam::{Kind, Policy};

#[test]
fn messages_and_places() {
    for (document, message, cause) in [
        ("", "Syntax errors in policy.", "EOF"),
        (
            "[]",
            "Syntax errors in policy.",
            "a policy is a JSON object",
        ),
        (
            "{\"Version\":\"2012-10-17\"}",
            "Syntax errors in policy.",
            "has statements",
        ),
    ] {
        let error = Policy::parse(document, Kind::Identity).expect_err(document);
        assert_eq!(error.message(), message, "{document}");
        assert!(error.to_string().contains(cause), "{document}: {error}");
    }
}
