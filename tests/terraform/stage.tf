resource "aws_api_gateway_stage" "this" {
  rest_api_id           = aws_api_gateway_rest_api.this.id
  deployment_id         = aws_api_gateway_deployment.this.id
  stage_name            = "dev"
  description           = var.word
  documentation_version = aws_api_gateway_documentation_version.this.version
  variables             = { word = var.word }
  tags                  = { word = var.word }
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled    = var.word == "one"
    logging_level      = var.word == "one" ? "OFF" : "ERROR"
    data_trace_enabled = false
  }
}
