resource "aws_api_gateway_documentation_part" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  properties  = jsonencode({ description = var.word })

  location {
    type   = "METHOD"
    method = "GET"
    path   = "/pets"
  }
}

resource "aws_api_gateway_documentation_version" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  version     = "v1"
  description = var.word
  depends_on  = [aws_api_gateway_documentation_part.this]
}
