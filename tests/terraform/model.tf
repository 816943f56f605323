resource "aws_api_gateway_model" "this" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = "Pet"
  description  = var.word
  content_type = "application/json"
  schema       = jsonencode({ type = "object", title = var.word })
}
