//! Small documents that would grow large: refused, and soon.

use tollgate_openapi::{DOCUMENT_BYTES_MAX, INVALID_INPUT, Options};

/// Refused as unreadable, for this reason.
fn check(document: &str, reason: &str) {
    let error =
        tollgate_openapi::import(document.as_bytes(), &Options::default()).expect_err("a bomb");
    assert_eq!(error.message(), INVALID_INPUT, "{}", error.detail());
    assert!(
        error.detail().contains(reason),
        "{} should contain {reason}",
        error.detail()
    );
}

#[test]
fn a_billion_laughs() {
    let mut document = "openapi: 3.0.1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        document.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    check(&document, "");
}

#[test]
fn one_long_text_many_times() {
    let aliases = "*t, ".repeat(5_000);
    check(
        &format!(
            "openapi: 3.0.1\nt: &t {}\nlist: [{aliases}]\n",
            "x".repeat(1_000_000)
        ),
        "bytes of text once aliases are expanded",
    );
}

#[test]
fn too_deep() {
    check(
        &format!("{{\"swagger\": \"2.0\", \"a\": {}", "[".repeat(200_000)),
        "",
    );
    check(&format!("swagger: '2.0'\na: {}", "[".repeat(200_000)), "");
    check(
        &format!(
            "swagger: '2.0'\na:\n{}",
            (0..2_000)
                .map(|n| format!("{}a:\n", " ".repeat(n + 1)))
                .collect::<String>()
        ),
        "",
    );
}

#[test]
fn too_large() {
    check(&" ".repeat(DOCUMENT_BYTES_MAX + 1), "larger than");
}

#[test]
fn too_many_values() {
    let document = format!(
        "{{\"swagger\": \"2.0\", \"a\": [{}0]}}",
        "0,".repeat(1_000_000)
    );
    check(&document, "values once aliases are expanded");
}

/// Every operation names the same large object by a reference of a few bytes.
#[test]
fn references_multiply() {
    let headers: String = (0..20_000).map(|n| format!("\"X-{n}\": {{}},")).collect();
    let paths: String = (0..5_000)
        .map(|n| format!("\"/p{n}\": {{\"get\": {{\"responses\": {{\"$ref\": \"#/x\"}}}}}},"))
        .collect();
    let document = format!(
        "{{\"openapi\": \"3.0.1\", \"x\": {{\"200\": {{\"headers\": {{{headers}\"Z\": {{}}}}}}}}, \"paths\": {{{paths}\"/z\": {{}}}}}}"
    );
    check(&document, "too large once its references are followed");
}

/// The same with documentation parts, where they are all that is read.
#[test]
fn references_multiply_in_documentation() {
    let properties: String = (0..20_000).map(|n| format!("\"p{n}\": 1,")).collect();
    let text = "x".repeat(100_000);
    let parts = "{\"$ref\": \"#/x\"},".repeat(5_000);
    let document = format!(
        "{{\"openapi\": \"3.0.1\", \"x\": {{\"location\": {{\"type\": \"MODEL\", \"name\": \"{text}\"}}, \"properties\": {{{properties}\"z\": 1}}}}, \"x-amazon-apigateway-documentation\": {{\"documentationParts\": [{parts}{{\"$ref\": \"#/x\"}}]}}}}"
    );
    let error = tollgate_openapi::import_documentation(document.as_bytes(), &Options::default());
    let detail = error.expect_err("should be refused").detail();
    assert!(detail.contains("too large once its references"), "{detail}");
}

#[test]
fn deep_paths_and_many_resources_are_bounded() {
    let refused = |document: String, text: &str| {
        let error =
            tollgate_openapi::import(document.as_bytes(), &Options::default()).expect_err("a bomb");
        assert!(error.message().contains(text), "{}", error.message());
    };
    let deep = "/a".repeat(100_000);
    refused(
        format!("{{\"swagger\": \"2.0\", \"paths\": {{\"{deep}\": {{}}}}}}"),
        "its path is longer than 2048 bytes",
    );
    let many: String = (0..10_001).map(|n| format!("\"/p{n}\": {{}},")).collect();
    refused(
        format!("{{\"swagger\": \"2.0\", \"paths\": {{{many}\"/z\": {{}}}}}}"),
        "more than 10000 resources",
    );
}
