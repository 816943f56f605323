//! What is refused: AWS's words first, then where and why.

use tollgate_openapi::{
    BasePath, Fault, INVALID_INPUT, ImportError, Options, Subject, import, locate, place_of,
};
use tollgate_wire::apigateway::DocumentationPartLocation;

fn refusal(document: &[u8]) -> ImportError {
    import(document, &Options::default()).expect_err("should be refused")
}

#[test]
fn unreadable_documents_say_the_line() {
    let cases: [(&[u8], &str); 14] = [
        (b"", "a definition is an object"),
        (b"just text", "a definition is an object"),
        (b"[]", "a definition is an object"),
        (
            b"{\"swagger\": \"2.0\",\n  \"info\": }",
            "line 2, column 11: expected value",
        ),
        (
            b"{\"swagger\": \"2.0\"} x",
            "line 1, column 20: trailing characters",
        ),
        (
            b"{\"swagger\": \"2.0\",\n \"info\": {},\n \"info\": {}}",
            "member \"info\" is given twice",
        ),
        (b"openapi: 3.0.1\ninfo: {title: a\npaths: {}\n", "line 3"),
        (b"openapi: 3.0.1\ninfo:\n  title: a\n  title: b\n", "line 4"),
        (
            b"swagger: '2.0'\ninfo:\n title: \xff",
            "line 3, column 9: not UTF-8",
        ),
        (
            b"openapi: 3.2.0",
            "OpenAPI \"3.2.0\" is not supported, only 3.0.x and 3.1.x (at /openapi, line 1, column 1)",
        ),
        (b"openapi: 3.00.1", "is not supported"),
        (
            b"info: {}\nswagger: 1.2",
            "Swagger \"1.2\" is not supported, only 2.0 (at /swagger, line 2, column 1)",
        ),
        (
            b"swagger: '2.0'\nopenapi: 3.0.0",
            "both \"swagger\" and \"openapi\" are given (at /openapi, line 2, column 1)",
        ),
        (
            b"info: {title: neither}",
            "is given (at the root, line 1, column 1)",
        ),
    ];
    for (document, detail) in cases {
        let error = refusal(document);
        assert_eq!(error.message(), INVALID_INPUT);
        assert!(
            error.detail().contains(detail),
            "{:?} should contain {detail:?}",
            error.detail()
        );
    }
}

#[test]
fn yaml_may_give_the_version_as_a_number() {
    for document in ["swagger: 2.0", "openapi: 3.0"] {
        assert!(
            import(document.as_bytes(), &Options::default()).is_ok(),
            "{document}"
        );
    }
}

/// Documents that are OpenAPI and no API: the pointer, and a part of the text.
#[test]
fn problems_say_the_pointer() {
    let cases = [
        ("paths: 5", "/paths", "expected an object"),
        ("paths: {a: {}}", "/paths/a", "a path starts with a slash"),
        (
            "paths: {/a: {}, /a/: {}}",
            "/paths/~1a~1",
            "path '/a' is given twice",
        ),
        (
            "paths: {/a//b: {}}",
            "/paths/~1a~1~1b",
            "Unable to create resource at path '/a/': Resource's path part only allow",
        ),
        (
            "paths: {'/a b': {}}",
            "/paths/~1a b",
            "Resource's path part only allow",
        ),
        (
            "paths: {'/x{id}': {}}",
            "/paths/~1x{id}",
            "Unable to create resource at path '/x{id}'",
        ),
        (
            "paths: {'/{a}': {}, '/{b}': {}}",
            "/paths/~1{b}",
            "A sibling ({a}) of this resource already has a variable path part -- only one is allowed",
        ),
        (
            "paths: {'/{a+}/b': {}}",
            "/paths/~1{a+}~1b",
            "Cannot create a child of a resource with a greedy path variable: {a+}",
        ),
        (
            "paths: {/a: {$ref: 'other.yaml#/a'}}",
            "/paths/~1a",
            "reference 'other.yaml#/a' leaves the document",
        ),
        (
            "paths: {/a: {$ref: '#/nowhere'}}",
            "/paths/~1a",
            "reference '#/nowhere' leads nowhere",
        ),
        (
            "x: {$ref: '#/y'}\ny: {$ref: '#/x'}\npaths: {/a: {$ref: '#/x'}}",
            "/y",
            "reference goes in a circle",
        ),
        (
            "paths: {/a: {get: {operationId: [1]}}}",
            "/paths/~1a/get/operationId",
            "expected text",
        ),
        (
            "components: {securitySchemes: {s: {x-amazon-apigateway-authorizer: {type: token}}}}",
            "/components/securitySchemes/s/x-amazon-apigateway-authorizer",
            "Unable to create authorizer 's': authorizerUri is required",
        ),
        (
            "components: {securitySchemes: {s: {x-amazon-apigateway-authorizer: {type: cognito_user_pools}}}}",
            "/components/securitySchemes/s/x-amazon-apigateway-authorizer",
            "Unable to create authorizer 's': providerARNs are required",
        ),
        (
            "components: {securitySchemes: {s: {x-amazon-apigateway-authorizer: {type: magic}}}}",
            "/components/securitySchemes/s/x-amazon-apigateway-authorizer",
            "the type must be one of token, request, cognito_user_pools, not 'MAGIC'",
        ),
        (
            "x-amazon-apigateway-documentation: {documentationParts: [{properties: {}}]}",
            "/x-amazon-apigateway-documentation/documentationParts/0",
            "a documentation part has a location",
        ),
        (
            "x-amazon-apigateway-documentation: {documentationParts: [{location: {type: CLOUD}, properties: {}}]}",
            "/x-amazon-apigateway-documentation/documentationParts/0/location",
            "'CLOUD' is no type of a documentation part",
        ),
        (
            "x-amazon-apigateway-documentation: {documentationParts: [{location: {type: API}, properties: hello}]}",
            "/x-amazon-apigateway-documentation/documentationParts/0/properties",
            "expected an object, or the text of one",
        ),
        (
            "paths: {/a: {get: {parameters: {}}}}",
            "/paths/~1a/get/parameters",
            "expected a list",
        ),
        (
            "paths: {/a: {get: {parameters: [{in: query}]}}}",
            "/paths/~1a/get/parameters/0",
            "a parameter has a name",
        ),
        (
            "paths: {/a: {get: {parameters: [{in: mind, name: a}]}}}",
            "/paths/~1a/get/parameters/0",
            "expected a parameter in",
        ),
        (
            "paths: {/a: {get: {x-amazon-apigateway-integration: {type: smtp}}}}",
            "/paths/~1a/get/x-amazon-apigateway-integration",
            "Unable to put integration on 'GET' for resource at path '/a'",
        ),
        (
            "paths: {/a: {get: {x-amazon-apigateway-integration: {type: mock, timeoutInMillis: soon}}}}",
            "/paths/~1a/get/x-amazon-apigateway-integration/timeoutInMillis",
            "expected an integer",
        ),
        (
            "paths: {/a: {get: {x-amazon-apigateway-integration: {type: mock, responses: {default: {}}}}}}",
            "/paths/~1a/get/x-amazon-apigateway-integration/responses/default",
            "statusCode is required",
        ),
        (
            "paths: {/a: {get: {x-amazon-apigateway-request-validator: none}}}",
            "/paths/~1a/get/x-amazon-apigateway-request-validator",
            "Invalid Request Validator identifier specified",
        ),
        (
            "paths: {/a: {get: {security: [{nobody: []}]}}}",
            "/paths/~1a/get/security/0/nobody",
            "security scheme 'nobody' is not defined",
        ),
        (
            "paths: {/a: {get: {x-amazon-apigateway-auth: {type: basic}}}}",
            "/paths/~1a/get/x-amazon-apigateway-auth",
            "expected the type NONE or AWS_IAM",
        ),
        (
            "x-amazon-apigateway-gateway-responses: {TEAPOT: {}}",
            "/x-amazon-apigateway-gateway-responses/TEAPOT",
            "'TEAPOT' is no gateway response type",
        ),
        (
            "x-amazon-apigateway-request-validators: {a: {validateRequestBody: perhaps}}",
            "/x-amazon-apigateway-request-validators/a/validateRequestBody",
            "expected true or false",
        ),
        (
            "components: {schemas: {'...': {}}}",
            "/components/schemas/...",
            "Model name must be non-empty",
        ),
        (
            "components: {schemas: {a-b: {}, ab: {}}}",
            "/components/schemas/ab",
            "Model name already exists for this REST API",
        ),
        (
            "components: {schemas: {a: {items: {$ref: '#/components/schemas/b'}}}}",
            "/components/schemas/a",
            "Unable to create model for 'a': Model reference must be in canonical form",
        ),
    ];
    for (document, pointer, text) in cases {
        let ImportError::Problems(problems) =
            refusal(format!("openapi: 3.0.1\n{document}").as_bytes())
        else {
            panic!("{document} is unreadable")
        };
        let [problem] = &problems[..] else {
            panic!("{document}: {problems:?}")
        };
        assert_eq!(problem.pointer, pointer, "{document}");
        assert!(problem.text.contains(text), "{document}: {}", problem.text);
    }
}

#[test]
fn several_problems_come_together() {
    let error = refusal(b"openapi: 3.0.1\npaths: {a: {}, /b: 1, /c: {get: {operationId: {}}}}");
    assert_eq!(
        error.message(),
        "Errors found during import:\n\ta path starts with a slash\n\texpected an object\n\texpected text"
    );
    assert_eq!(
        error.detail(),
        "a path starts with a slash (at /paths/a, line 2, column 9)\nexpected an object (at /paths/~1b, line 2, column 16)\nexpected text (at /paths/~1c/get/operationId, line 2, column 34)"
    );

    let many: String = (0..50).map(|n| format!("p{n}: {{}}, ")).collect();
    let error = refusal(format!("openapi: 3.0.1\npaths: {{{many}}}").as_bytes());
    assert_eq!(error.message().lines().count(), 22);
    assert!(error.message().ends_with("\n\tand 30 more"));
}

/// Line and column of the name of what is wrong, or of the nearest thing around it that stands in the text.
#[test]
fn problems_say_the_line() {
    let cases = [
        (
            "swagger: '2.0'\npaths:\n  /a:\n    get:\n      parameters:\n        - {in: query, name: a}\n        - in: mind\n          name: b\n",
            "/paths/~1a/get/parameters/1",
            (7, 11),
        ),
        (
            "{\n  \"swagger\": \"2.0\",\n  \"paths\": {\n    \"/a\": {\"get\": {\"operationId\": [1]}}\n  }\n}",
            "/paths/~1a/get/operationId",
            (4, 20),
        ),
        (
            "swagger: '2.0'\nx-part: &part {operationId: [1]}\npaths:\n  /a:\n    get: *part\n",
            "/paths/~1a/get/operationId",
            (5, 5),
        ),
    ];
    for (document, pointer, position) in cases {
        let ImportError::Problems(problems) = refusal(document.as_bytes()) else {
            panic!("{document}");
        };
        assert_eq!(problems[0].pointer, pointer, "{document}");
        assert_eq!(problems[0].position, Some(position), "{document}");
    }
}

/// Warnings that refuse stand somewhere too.
#[test]
fn warnings_that_refuse_say_the_place() {
    let options = Options {
        fail_on_warnings: true,
        ..Options::default()
    };
    for (document, detail) in [
        (
            "swagger: '2.0'\npaths:\n  /a:\n    get:\n      responses:\n        200: {schema: {$ref: '#/definitions/None'}}\n",
            "Unable to find model 'None' for method 'GET' of resource '/a' (at /paths/~1a/get/responses/200/schema, line 6, column 15)",
        ),
        (
            "openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    A:\n      properties:\n        b: {items: {if: {}}}\n",
            "Keyword 'if' of schemas is left out: draft 4 has nothing for it (at /components/schemas/A/properties/b/items/if, line 7, column 21)",
        ),
    ] {
        let error = import(document.as_bytes(), &options).unwrap_err();
        let ImportError::Warnings(_) = error else {
            panic!("{error:?}");
        };
        let lines = error.detail();
        assert!(lines.lines().any(|line| line == detail), "{lines}");
        assert!(!error.message().contains("line"), "{}", error.message());
    }
}

/// Faults that others find in what was read: each has the place that its subject was read from.
#[test]
fn faults_found_later_have_a_place() {
    let document = b"swagger: '2.0'\nbasePath: /v1\npaths:\n  /a/{b}/c:\n    get: {responses: {}}\nx-amazon-apigateway-documentation:\n  documentationParts:\n  - {location: {type: API}, properties: {}}\n";
    let api = DocumentationPartLocation {
        type_: Some("API".to_owned()),
        ..DocumentationPartLocation::default()
    };
    let options = Options {
        base_path: BasePath::Prepend,
        ..Options::default()
    };
    for (subject, shown) in [
        (
            Subject::Resource("/v1/a/{b}".to_owned()),
            "no (at /paths/~1a~1{b}~1c, line 4, column 3)",
        ),
        (
            Subject::Resource("/other".to_owned()),
            "no (at the root, line 1, column 1)",
        ),
        (
            Subject::DocumentationPart(place_of(&api)),
            "no (at /x-amazon-apigateway-documentation/documentationParts/0, line 8, column 5)",
        ),
        (
            Subject::Api("/info/title"),
            "no (at /info/title, line 1, column 1)",
        ),
    ] {
        let fault = Fault {
            subject,
            text: "no".to_owned(),
        };
        let problems = locate(document, &options, vec![fault]);
        assert_eq!(problems[0].to_string(), shown);
    }
}
