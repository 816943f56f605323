//! The rows of the API reference's tables of patch operations, carried over; `patch_table.rs` plays them.
//! <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>

/// What UpdateX takes of a resource.
pub(crate) struct Resource {
    pub(crate) name: &'static str,
    /// Its address, with the names of the steps that made it.
    pub(crate) line: &'static str,
    pub(crate) family: Family,
    /// Steps after an API with a resource `/pets` that has a method GET with a MOCK.
    pub(crate) made_by: &'static [(&'static str, &'static str, &'static str)],
    pub(crate) rows: &'static [Row],
}

/// In which texts it refuses.
#[derive(Clone, Copy)]
pub(crate) enum Family {
    /// Names every path that replace takes.
    Listed(&'static str),
    /// Names every path that the operation takes.
    ListedEach(&'static [(&'static str, &'static str)]),
    Path,
    PathOrOperation,
    Stage,
}

/// A path.
pub(crate) struct Row {
    pub(crate) path: &'static str,
    /// a(dd), r(eplace), c(opy), d(elete, which is remove).
    pub(crate) operations: &'static str,
    /// Where the answer shows it.
    pub(crate) shown_at: &'static str,
    /// Values with what is shown then; replace has the second.
    pub(crate) values: &'static [(&'static str, &'static str)],
    /// What is shown after remove, if anything.
    pub(crate) removed: &'static str,
    /// What is done before.
    pub(crate) after: &'static [&'static str],
    /// Where copy takes it from.
    pub(crate) from: Option<&'static str>,
    /// A refusal of its own, of one operation or of all.
    pub(crate) refusal: Option<(&'static str, &'static str)>,
}

impl Row {
    const fn new(
        operations: &'static str,
        path: &'static str,
        shown_at: &'static str,
        values: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            path,
            operations,
            shown_at,
            values,
            removed: "",
            after: &[],
            from: None,
            refusal: None,
        }
    }

    const fn leaving(mut self, removed: &'static str) -> Self {
        self.removed = removed;
        self
    }

    const fn after(mut self, after: &'static [&'static str]) -> Self {
        self.after = after;
        self
    }

    const fn from(mut self, from: &'static str) -> Self {
        self.from = Some(from);
        self
    }

    const fn refusing(mut self, operation: &'static str, refusal: &'static str) -> Self {
        self.refusal = Some((operation, refusal));
        self
    }
}

#[rustfmt::skip]
pub(crate) static RESOURCES: &[Resource] = &[
    Resource {
        name: "Account",
        line: "/account",
        family: Family::Listed("/cloudwatchRoleArn, /features"),
        made_by: &[],
        rows: &[
            Row::new("r", "/cloudwatchRoleArn", "/cloudwatchRoleArn", &[("arn:aws:iam::000000000000:role/logs", "\"arn:aws:iam::000000000000:role/logs\"")]),
            Row::new("a", "/features", "/features", &[("UsagePlans", "[\"UsagePlans\"]")]).refusing("remove", "Invalid feature specified. Valid options are UsagePlans"),
        ],
    },
    Resource {
        name: "ApiKey",
        line: "/apikeys/{own.id}",
        family: Family::Listed("/description, /enabled, /name, /customerId"),
        made_by: &[("own", "POST /apikeys", "{}")],
        rows: &[
            Row::new("r", "/description", "/description", &[("new", "\"new\"")]),
            Row::new("r", "/enabled", "/enabled", &[("true", "true")]),
            Row::new("r", "/name", "/name", &[("new", "\"new\"")]),
            Row::new("r", "/customerId", "/customerId", &[("new", "\"new\"")]),
        ],
    },
    Resource {
        name: "UsagePlan",
        line: "/usageplans/{own.id}",
        family: Family::ListedEach(&[
            ("remove", "/apiStages, /quota, /throttle, /productCode, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle"),
            ("add", "/apiStages, /productCode, /apiStages/<apidId:stageName>/throttle, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit, /quota/limit, /quota/offset, /quota/period, /throttle/burstLimit, /throttle/rateLimit"),
            ("replace", "/productCode, /apiStages/<apidId:stageName>/throttle, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit, /description, /name, /quota/limit, /quota/offset, /quota/period, /throttle/burstLimit, /throttle/rateLimit"),
        ]),
        made_by: &[
            ("deployed", "POST /restapis/{api.id}/deployments", "{\"stageName\": \"dev\"}"),
            ("own", "POST /usageplans", "{\"name\": \"own\", \"throttle\": {\"rateLimit\": 1, \"burstLimit\": 1}, \"quota\": {\"limit\": 1, \"period\": \"DAY\"}}"),
        ],
        rows: &[
            Row::new("r", "/description", "/description", &[("new", "\"new\"")]),
            Row::new("r", "/name", "/name", &[("new", "\"new\"")]),
            Row::new("ard", "/productCode", "/productCode", &[("a", "\"a\""), ("b", "\"b\"")]),
            Row::new("ar", "/quota/limit", "/quota/limit", &[("5", "5"), ("6", "6")]),
            Row::new("ar", "/quota/offset", "/quota/offset", &[("1", "1"), ("2", "2")]),
            Row::new("ar", "/quota/period", "/quota/period", &[("WEEK", "\"WEEK\""), ("MONTH", "\"MONTH\"")]),
            Row::new("ar", "/throttle/burstLimit", "/throttle/burstLimit", &[("5", "5"), ("6", "6")]),
            Row::new("ar", "/throttle/rateLimit", "/throttle/rateLimit", &[("5", "5.0"), ("6.5", "6.5")]),
            Row::new("d", "/quota", "/quota", &[("", "")]),
            Row::new("d", "/throttle", "/throttle", &[("", "")]),
            Row::new("ad", "/apiStages", "/apiStages", &[("{api.id}:dev", "[{\"apiId\": \"{api.id}\", \"stage\": \"dev\"}]")]).leaving("[]"),
        ],
    },
    Resource {
        name: "Authorizer",
        line: "/restapis/{api.id}/authorizers/{own.id}",
        family: Family::Listed("/name, /type, /authType, /authorizerUri, /authorizerCredentials, /identitySource, /identityValidationExpression, /authorizerResultTtlInSeconds, /providerARNs"),
        made_by: &[
            ("own", "POST /restapis/{api.id}/authorizers", "{\"name\": \"own\", \"type\": \"TOKEN\", \"authorizerUri\": \"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations\"}"),
        ],
        rows: &[
            Row::new("r", "/name", "/name", &[("new", "\"new\"")]),
            Row::new("r", "/type", "/type", &[("REQUEST", "\"REQUEST\"")]),
            Row::new("r", "/authType", "/authType", &[("oauth2", "\"oauth2\"")]),
            Row::new("r", "/authorizerUri", "/authorizerUri", &[("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:g/invocations", "\"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:g/invocations\"")]),
            Row::new("r", "/authorizerCredentials", "/authorizerCredentials", &[("arn:aws:iam::1:role/r", "\"arn:aws:iam::1:role/r\"")]),
            Row::new("ard", "/identitySource", "/identitySource", &[("method.request.header.a", "\"method.request.header.a\""), ("method.request.header.b", "\"method.request.header.b\"")]),
            Row::new("r", "/identityValidationExpression", "/identityValidationExpression", &[("^x", "\"^x\"")]),
            Row::new("r", "/authorizerResultTtlInSeconds", "/authorizerResultTtlInSeconds", &[("60", "60")]),
            Row::new("ad", "/providerARNs", "/providerARNs", &[("arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a", "[\"arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a\"]")]),
        ],
    },
    Resource {
        name: "Deployment",
        line: "/restapis/{api.id}/deployments/{deployed.id}",
        family: Family::Listed("/description"),
        made_by: &[
            ("deployed", "POST /restapis/{api.id}/deployments", "{}"),
        ],
        rows: &[
            Row::new("r", "/description", "/description", &[("d", "\"d\"")]),
        ],
    },
    Resource {
        name: "DocumentationPart",
        line: "/restapis/{api.id}/documentation/parts/{part.id}",
        family: Family::Listed("/properties"),
        made_by: &[
            ("part", "POST /restapis/{api.id}/documentation/parts", "{\"location\": {\"type\": \"API\"}, \"properties\": \"{}\"}"),
        ],
        rows: &[
            Row::new("r", "/properties", "/properties", &[("{\"a\":1}", "\"{\\\"a\\\":1}\"")]),
        ],
    },
    Resource {
        name: "DocumentationVersion",
        line: "/restapis/{api.id}/documentation/versions/v1",
        family: Family::Listed("/description"),
        made_by: &[
            ("version", "POST /restapis/{api.id}/documentation/versions", "{\"documentationVersion\": \"v1\"}"),
        ],
        rows: &[
            Row::new("r", "/description", "/description", &[("d", "\"d\"")]),
        ],
    },
    Resource {
        name: "GatewayResponse",
        line: "/restapis/{api.id}/gatewayresponses/THROTTLED",
        family: Family::Path,
        made_by: &[],
        rows: &[
            Row::new("r", "/statusCode", "/statusCode", &[("503", "\"503\"")]),
            Row::new("ard", "/responseParameters/gatewayresponse.header.a", "/responseParameters/gatewayresponse.header.a", &[("'b'", "\"'b'\""), ("'c'", "\"'c'\"")]),
            Row::new("ard", "/responseTemplates/application~1xml", "/responseTemplates/application~1xml", &[("<a/>", "\"<a/>\""), ("<b/>", "\"<b/>\"")]),
        ],
    },
    Resource {
        name: "Integration",
        line: "/restapis/{api.id}/resources/{pets.id}/methods/GET/integration",
        family: Family::PathOrOperation,
        made_by: &[
            ("http", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/integration", "{\"type\": \"HTTP\", \"httpMethod\": \"GET\", \"uri\": \"http://a\"}"),
        ],
        rows: &[
            Row::new("r", "/httpMethod", "/httpMethod", &[("PUT", "\"PUT\"")]),
            Row::new("r", "/uri", "/uri", &[("http://b", "\"http://b\"")]),
            Row::new("r", "/credentials", "/credentials", &[("arn:aws:iam::1:role/r", "\"arn:aws:iam::1:role/r\"")]),
            Row::new("r", "/connectionType", "/connectionType", &[("VPC_LINK", "\"VPC_LINK\"")]),
            Row::new("r", "/connectionId", "/connectionId", &[("abc", "\"abc\"")]),
            Row::new("r", "/integrationTarget", "/integrationTarget", &[("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/a/b", "\"arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/a/b\"")]),
            Row::new("r", "/passthroughBehavior", "/passthroughBehavior", &[("NEVER", "\"NEVER\"")]),
            Row::new("r", "/contentHandling", "/contentHandling", &[("CONVERT_TO_TEXT", "\"CONVERT_TO_TEXT\"")]),
            Row::new("r", "/timeoutInMillis", "/timeoutInMillis", &[("100", "100")]),
            Row::new("r", "/responseTransferMode", "/responseTransferMode", &[("STREAM", "\"STREAM\"")]),
            Row::new("r", "/tlsConfig/insecureSkipVerification", "/tlsConfig/insecureSkipVerification", &[("true", "true")]),
            Row::new("r", "/cacheNamespace", "/cacheNamespace", &[("n", "\"n\"")]),
            Row::new("ard", "/cacheKeyParameters/method.request.header.a", "/cacheKeyParameters", &[("", "[\"method.request.header.a\"]"), ("method.request.header.b", "[\"method.request.header.b\"]")]).leaving("[\"method.request.header.b\"]"),
            Row::new("ard", "/requestParameters/integration.request.header.a", "/requestParameters/integration.request.header.a", &[("'b'", "\"'b'\""), ("'c'", "\"'c'\"")]),
            Row::new("ard", "/requestTemplates/application~1json", "/requestTemplates/application~1json", &[("{}", "\"{}\""), ("[]", "\"[]\"")]),
        ],
    },
    Resource {
        name: "IntegrationResponse",
        line: "/restapis/{api.id}/resources/{pets.id}/methods/GET/integration/responses/200",
        family: Family::Path,
        made_by: &[
            ("declared", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/responses/200", "{\"responseParameters\": {\"method.response.header.a\": true}}"),
            ("response", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/integration/responses/200", "{}"),
        ],
        rows: &[
            Row::new("r", "/selectionPattern", "/selectionPattern", &[("2..", "\"2..\"")]),
            Row::new("r", "/contentHandling", "/contentHandling", &[("CONVERT_TO_BINARY", "\"CONVERT_TO_BINARY\"")]),
            Row::new("ard", "/responseParameters/method.response.header.a", "/responseParameters/method.response.header.a", &[("'b'", "\"'b'\""), ("'c'", "\"'c'\"")]),
            Row::new("ard", "/responseTemplates/application~1json", "/responseTemplates/application~1json", &[("{}", "\"{}\""), ("[]", "\"[]\"")]),
        ],
    },
    Resource {
        name: "Method",
        line: "/restapis/{api.id}/resources/{pets.id}/methods/GET",
        family: Family::PathOrOperation,
        made_by: &[
            ("own", "POST /restapis/{api.id}/authorizers", "{\"name\": \"own\", \"type\": \"TOKEN\", \"authorizerUri\": \"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations\"}"),
            ("validator", "POST /restapis/{api.id}/requestvalidators", "{\"name\": \"v\"}"),
        ],
        rows: &[
            Row::new("r", "/authorizationType", "/authorizationType", &[("AWS_IAM", "\"AWS_IAM\"")]),
            Row::new("r", "/authorizerId", "/authorizerId", &[("{own.id}", "\"{own.id}\"")]).after(&["[[\"replace\",\"/authorizerId\",\"{own.id}\"],[\"replace\",\"/authorizationType\",\"CUSTOM\"]]"]),
            Row::new("r", "/apiKeyRequired", "/apiKeyRequired", &[("true", "true")]),
            Row::new("r", "/operationName", "/operationName", &[("op", "\"op\"")]),
            Row::new("r", "/requestValidatorId", "/requestValidatorId", &[("{validator.id}", "\"{validator.id}\"")]),
            Row::new("ad", "/authorizationScopes", "/authorizationScopes", &[("a", "[\"a\"]")]),
            Row::new("ard", "/requestParameters/method.request.header.a", "/requestParameters/method.request.header.a", &[("true", "true"), ("false", "false")]),
            Row::new("ard", "/requestModels/application~1json", "/requestModels/application~1json", &[("Empty", "\"Empty\""), ("Error", "\"Error\"")]),
        ],
    },
    Resource {
        name: "MethodResponse",
        line: "/restapis/{api.id}/resources/{pets.id}/methods/GET/responses/200",
        family: Family::Path,
        made_by: &[
            ("response", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/responses/200", "{}"),
        ],
        rows: &[
            Row::new("ard", "/responseParameters/method.response.header.a", "/responseParameters/method.response.header.a", &[("true", "true"), ("false", "false")]),
            Row::new("ard", "/responseModels/application~1json", "/responseModels/application~1json", &[("Empty", "\"Empty\""), ("Error", "\"Error\"")]),
        ],
    },
    Resource {
        name: "Model",
        line: "/restapis/{api.id}/models/Empty",
        family: Family::Listed("/description, /schema"),
        made_by: &[],
        rows: &[
            Row::new("r", "/description", "/description", &[("d", "\"d\"")]),
            Row::new("r", "/schema", "/schema", &[("{\"type\":\"string\"}", "\"{\\\"type\\\":\\\"string\\\"}\"")]),
        ],
    },
    Resource {
        name: "RequestValidator",
        line: "/restapis/{api.id}/requestvalidators/{validator.id}",
        family: Family::Listed("/name, /validateRequestParameters, /validateRequestBody"),
        made_by: &[
            ("validator", "POST /restapis/{api.id}/requestvalidators", "{\"name\": \"v\"}"),
        ],
        rows: &[
            Row::new("r", "/name", "/name", &[("n", "\"n\"")]),
            Row::new("r", "/validateRequestBody", "/validateRequestBody", &[("true", "true")]),
            Row::new("r", "/validateRequestParameters", "/validateRequestParameters", &[("true", "true")]),
        ],
    },
    Resource {
        name: "Resource",
        line: "/restapis/{api.id}/resources/{pets.id}",
        family: Family::Listed("/parentId, /pathPart"),
        made_by: &[
            ("other", "POST /restapis/{api.id}/resources/{api.rootResourceId}", "{\"pathPart\": \"other\"}"),
        ],
        rows: &[
            Row::new("r", "/pathPart", "/pathPart", &[("cats", "\"cats\"")]),
            Row::new("r", "/parentId", "/parentId", &[("{other.id}", "\"{other.id}\"")]),
        ],
    },
    Resource {
        name: "RestApi",
        line: "/restapis/{api.id}",
        family: Family::PathOrOperation,
        made_by: &[],
        rows: &[
            Row::new("r", "/name", "/name", &[("n", "\"n\"")]),
            Row::new("ard", "/description", "/description", &[("a", "\"a\""), ("b", "\"b\"")]),
            Row::new("r", "/apiKeySource", "/apiKeySource", &[("AUTHORIZER", "\"AUTHORIZER\"")]),
            Row::new("ard", "/binaryMediaTypes/image~1png", "/binaryMediaTypes", &[("", "[\"image/png\"]"), ("image/gif", "[\"image/gif\"]")]).leaving("[\"image/gif\"]"),
            Row::new("r", "/disableExecuteApiEndpoint", "/disableExecuteApiEndpoint", &[("true", "true")]),
            Row::new("r", "/endpointConfiguration/types/EDGE", "/endpointConfiguration/types/0", &[("REGIONAL", "\"REGIONAL\"")]).refusing("", "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"),
            Row::new("r", "/endpointConfiguration/ipAddressType", "/endpointConfiguration/ipAddressType", &[("dualstack", "\"dualstack\"")]),
            Row::new("ad", "/endpointConfiguration/vpcEndpointIds", "/endpointConfiguration/vpcEndpointIds", &[("vpce-1", "[\"vpce-1\"]")]).leaving("[]"),
            Row::new("r", "/endpointAccessMode", "/endpointAccessMode", &[("STRICT", "\"STRICT\"")]),
            Row::new("r", "/minimumCompressionSize", "/minimumCompressionSize", &[("10", "10")]),
            Row::new("r", "/policy", "/policy", &[(POLICY, POLICY_SHOWN)]),
            Row::new("r", "/securityPolicy", "/securityPolicy", &[("TLS_1_2", "\"TLS_1_2\"")]),
        ],
    },
    Resource {
        name: "Stage",
        line: "/restapis/{api.id}/stages/dev",
        family: Family::Stage,
        made_by: &[
            ("first", "POST /restapis/{api.id}/deployments", "{\"stageName\": \"dev\"}"),
            ("second", "POST /restapis/{api.id}/deployments", "{}"),
            ("version", "POST /restapis/{api.id}/documentation/versions", "{\"documentationVersion\": \"v1\"}"),
        ],
        rows: &[
            Row::new("d", "/accessLogSettings", "/accessLogSettings", &[("", "null")]).after(&["[[\"replace\",\"/accessLogSettings/destinationArn\",\"arn:aws:logs:us-east-1:000000000000:log-group:g\"]]"]),
            Row::new("ar", "/accessLogSettings/destinationArn", "/accessLogSettings/destinationArn", &[("arn:aws:logs:us-east-1:000000000000:log-group:g", "\"arn:aws:logs:us-east-1:000000000000:log-group:g\""), ("arn:aws:logs:us-east-1:000000000000:log-group:g2", "\"arn:aws:logs:us-east-1:000000000000:log-group:g2\"")]),
            Row::new("ar", "/accessLogSettings/format", "/accessLogSettings/format", &[("$context.requestId", "\"$context.requestId\""), ("$context.extendedRequestId $context.status", "\"$context.extendedRequestId $context.status\"")]),
            Row::new("r", "/cacheClusterEnabled", "/cacheClusterEnabled", &[("true", "true")]),
            Row::new("r", "/cacheClusterSize", "/cacheClusterSize", &[("0.5", "\"0.5\"")]),
            Row::new("d", "/canarySettings", "/canarySettings", &[("", "null")]).after(&["[[\"replace\",\"/canarySettings/percentTraffic\",\"10\"]]"]),
            Row::new("r", "/canarySettings/deploymentId", "/canarySettings/deploymentId", &[("{second.id}", "\"{second.id}\"")]),
            Row::new("r", "/canarySettings/percentTraffic", "/canarySettings/percentTraffic", &[("10", "10.0")]),
            Row::new("r", "/canarySettings/stageVariableOverrides", "/canarySettings/stageVariableOverrides", &[("{\"a\":\"1\"}", "{\"a\":\"1\"}")]),
            Row::new("r", "/canarySettings/stageVariableOverrides/b", "/canarySettings/stageVariableOverrides/b", &[("2", "\"2\"")]),
            Row::new("r", "/canarySettings/useStageCache", "/canarySettings/useStageCache", &[("true", "true")]),
            Row::new("r", "/clientCertificateId", "/clientCertificateId", &[("abc123", "\"abc123\"")]),
            Row::new("rc", "/deploymentId", "/deploymentId", &[("{second.id}", "\"{second.id}\"")]).from("/canarySettings/deploymentId"),
            Row::new("r", "/description", "/description", &[("d", "\"d\"")]),
            Row::new("r", "/documentationVersion", "/documentationVersion", &[("v1", "\"v1\"")]),
            Row::new("r", "/tracingEnabled", "/tracingEnabled", &[("true", "true")]),
            Row::new("rcd", "/variables", "/variables", &[("{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"1\",\"b\":\"2\"}")]).from("/canarySettings/stageVariableOverrides"),
            Row::new("rd", "/variables/c", "/variables/c", &[("3", "\"3\"")]),
            Row::new("r", "/~1pets/GET/metrics/enabled", "/methodSettings/~01pets~1GET/metricsEnabled", &[("true", "true")]),
            Row::new("r", "/~1pets/GET/logging/dataTrace", "/methodSettings/~01pets~1GET/dataTraceEnabled", &[("true", "true")]),
            Row::new("r", "/~1pets/GET/logging/loglevel", "/methodSettings/~01pets~1GET/loggingLevel", &[("INFO", "\"INFO\"")]),
            Row::new("r", "/~1pets/GET/throttling/burstLimit", "/methodSettings/~01pets~1GET/throttlingBurstLimit", &[("7", "7")]),
            Row::new("r", "/~1pets/GET/throttling/rateLimit", "/methodSettings/~01pets~1GET/throttlingRateLimit", &[("7.5", "7.5")]),
            Row::new("r", "/~1pets/GET/caching/enabled", "/methodSettings/~01pets~1GET/cachingEnabled", &[("true", "true")]),
            Row::new("r", "/~1pets/GET/caching/ttlInSeconds", "/methodSettings/~01pets~1GET/cacheTtlInSeconds", &[("7", "7")]),
            Row::new("r", "/~1pets/GET/caching/dataEncrypted", "/methodSettings/~01pets~1GET/cacheDataEncrypted", &[("true", "true")]),
            Row::new("r", "/~1pets/GET/caching/requireAuthorizationForCacheControl", "/methodSettings/~01pets~1GET/requireAuthorizationForCacheControl", &[("false", "false")]),
            Row::new("r", "/~1pets/GET/caching/unauthorizedCacheControlHeaderStrategy", "/methodSettings/~01pets~1GET/unauthorizedCacheControlHeaderStrategy", &[("FAIL_WITH_403", "\"FAIL_WITH_403\"")]),
            Row::new("d", "/~1pets/GET", "/methodSettings/~01pets~1GET", &[("", "null")]),
            Row::new("r", "/*/*/metrics/enabled", "/methodSettings/*~1*/metricsEnabled", &[("true", "true")]),
            Row::new("r", "/*/*/logging/dataTrace", "/methodSettings/*~1*/dataTraceEnabled", &[("true", "true")]),
            Row::new("r", "/*/*/logging/loglevel", "/methodSettings/*~1*/loggingLevel", &[("INFO", "\"INFO\"")]),
            Row::new("r", "/*/*/throttling/burstLimit", "/methodSettings/*~1*/throttlingBurstLimit", &[("7", "7")]),
            Row::new("r", "/*/*/throttling/rateLimit", "/methodSettings/*~1*/throttlingRateLimit", &[("7.5", "7.5")]),
            Row::new("r", "/*/*/caching/enabled", "/methodSettings/*~1*/cachingEnabled", &[("true", "true")]),
            Row::new("r", "/*/*/caching/ttlInSeconds", "/methodSettings/*~1*/cacheTtlInSeconds", &[("7", "7")]),
            Row::new("r", "/*/*/caching/dataEncrypted", "/methodSettings/*~1*/cacheDataEncrypted", &[("true", "true")]),
            Row::new("r", "/*/*/caching/requireAuthorizationForCacheControl", "/methodSettings/*~1*/requireAuthorizationForCacheControl", &[("false", "false")]),
            Row::new("r", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "/methodSettings/*~1*/unauthorizedCacheControlHeaderStrategy", &[("FAIL_WITH_403", "\"FAIL_WITH_403\"")]),
            Row::new("d", "/*/*", "/methodSettings/*~1*", &[("", "null")]),
        ],
    },
];

const POLICY: &str =
    r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
/// The same with the escapes of AWS, in JSON.
const POLICY_SHOWN: &str = r#""{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}""#;
