resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "validator-${var.word}"
  validate_request_body       = true
  validate_request_parameters = var.word == "one"
}
