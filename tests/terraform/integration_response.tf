resource "aws_api_gateway_integration_response" "this" {
  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.this.id
  http_method         = aws_api_gateway_integration.this.http_method
  status_code         = aws_api_gateway_method_response.this.status_code
  response_parameters = { "method.response.header.X-Word" = "'${var.word}'" }
  response_templates  = { "application/json" = "{\"word\": \"${var.word}\"}" }
}
