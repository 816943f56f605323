resource "aws_api_gateway_method_response" "this" {
  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.this.id
  http_method         = aws_api_gateway_method.this.http_method
  status_code         = "200"
  response_models     = { "application/json" = var.word == "one" ? "Empty" : "Error" }
  response_parameters = { "method.response.header.X-Word" = var.word == "one" }
}
