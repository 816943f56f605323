resource "aws_api_gateway_gateway_response" "this" {
  rest_api_id         = aws_api_gateway_rest_api.this.id
  response_type       = "MISSING_AUTHENTICATION_TOKEN"
  status_code         = var.word == "one" ? "403" : "404"
  response_templates  = { "application/json" = "{\"word\": \"${var.word}\"}" }
  response_parameters = { "gatewayresponse.header.X-Word" = "'${var.word}'" }
}
