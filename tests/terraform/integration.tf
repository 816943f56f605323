resource "aws_api_gateway_integration" "this" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.this.id
  http_method          = aws_api_gateway_method.this.http_method
  type                 = "MOCK"
  passthrough_behavior = "WHEN_NO_MATCH"
  timeout_milliseconds = var.word == "one" ? 1000 : 2000
  request_templates    = { "application/json" = "{\"statusCode\": 200, \"word\": \"${var.word}\"}" }
}
