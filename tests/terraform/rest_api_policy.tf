# Of an API that is never deployed, so that it keeps nobody from it.
resource "aws_api_gateway_rest_api_policy" "this" {
  rest_api_id = aws_api_gateway_rest_api.imported.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "arn:aws:execute-api:us-east-1:000000000000:${aws_api_gateway_rest_api.imported.id}/${var.word}/*"
    }]
  })
}
