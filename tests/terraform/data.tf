data "aws_api_gateway_rest_api" "this" {
  name       = aws_api_gateway_rest_api.this.name
  depends_on = [aws_api_gateway_stage.this]
}

data "aws_api_gateway_resource" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  path        = aws_api_gateway_resource.this.path
}

data "aws_api_gateway_authorizer" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  authorizer_id = aws_api_gateway_authorizer.this.id
}

data "aws_api_gateway_authorizers" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  depends_on  = [aws_api_gateway_authorizer.this, aws_api_gateway_authorizer.pool]
}

data "aws_api_gateway_export" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  export_type = "oas30"
}

output "found" {
  value = {
    api         = data.aws_api_gateway_rest_api.this.id == aws_api_gateway_rest_api.this.id
    resource    = data.aws_api_gateway_resource.this.id == aws_api_gateway_resource.this.id
    authorizer  = data.aws_api_gateway_authorizer.this.name
    authorizers = length(data.aws_api_gateway_authorizers.this.ids)
    export      = jsondecode(data.aws_api_gateway_export.this.body).openapi
  }
}
