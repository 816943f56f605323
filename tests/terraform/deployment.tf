resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  description = var.word
  depends_on = [
    aws_api_gateway_integration_response.this,
    aws_api_gateway_gateway_response.this,
  ]
}
