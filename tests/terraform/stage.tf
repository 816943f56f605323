resource "aws_api_gateway_stage" "this" {
  rest_api_id           = aws_api_gateway_rest_api.this.id
  deployment_id         = aws_api_gateway_deployment.this.id
  stage_name            = "dev"
  cache_cluster_enabled = true
  cache_cluster_size    = var.word == "one" ? "0.5" : "1.6"
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

    caching_enabled                            = true
    cache_ttl_in_seconds                       = var.word == "one" ? 60 : 120
    cache_data_encrypted                       = true
    require_authorization_for_cache_control    = true
    unauthorized_cache_control_header_strategy = "FAIL_WITH_403"
  }
}
