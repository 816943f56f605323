# No method names it: a deployment of one that does is refused until authorizers are asked.
resource "aws_api_gateway_authorizer" "this" {
  rest_api_id                      = aws_api_gateway_rest_api.this.id
  name                             = "authorizer-${var.word}"
  type                             = "REQUEST"
  authorizer_uri                   = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${var.word}/invocations"
  identity_source                  = "method.request.header.X-${var.word}"
  authorizer_result_ttl_in_seconds = var.word == "one" ? 60 : 0
}

resource "aws_api_gateway_authorizer" "pool" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  name          = "pool"
  type          = "COGNITO_USER_POOLS"
  provider_arns = ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_${var.word}"]
}
