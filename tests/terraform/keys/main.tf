# An API whose method asks for a key, a plan with every kind of limit, and a key in it. `tests/clients/test_terraform.py` applies
# it, calls the API, changes `word` and destroys it.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

# Nothing but the environment says where the service is.
provider "aws" {}

# What a change in place changes.
variable "word" {
  type    = string
  default = "one"
}

locals {
  is_one = var.word == "one"
}

resource "aws_api_gateway_rest_api" "this" {
  name = "keyed"
  body = jsonencode({
    openapi    = "3.0.1"
    info       = { title = "keyed", version = "1" }
    components = { securitySchemes = { key = { type = "apiKey", name = "x-api-key", in = "header" } } }
    paths = { for path in ["/pets", "/own"] : path => { get = {
      security  = [{ key = [] }]
      responses = { "200" = { description = "ok" } }
      "x-amazon-apigateway-integration" = {
        type             = "mock"
        requestTemplates = { "application/json" = "{\"statusCode\": 200}" }
        responses        = { default = { statusCode = "200" } }
      }
    } } }
  })
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
}

resource "aws_api_gateway_stage" "this" {
  for_each      = toset(["dev", "prod"])
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = each.key
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this["prod"].stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = 0.001
    throttling_burst_limit = local.is_one ? 1 : 2
  }
}

resource "aws_api_gateway_api_key" "this" {
  name        = "client"
  description = var.word
  value       = "the-value-of-the-key-of-terraform"
  enabled     = true
  tags        = { word = var.word }
}

resource "aws_api_gateway_usage_plan" "this" {
  name         = "gold"
  description  = var.word
  product_code = local.is_one ? "one" : "two"
  tags         = { word = var.word }

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this["dev"].stage_name

    throttle {
      path        = "/own/GET"
      rate_limit  = 0.001
      burst_limit = local.is_one ? 1 : 2
    }
  }

  dynamic "api_stages" {
    for_each = local.is_one ? [] : ["prod"]
    content {
      api_id = aws_api_gateway_rest_api.this.id
      stage  = aws_api_gateway_stage.this[api_stages.value].stage_name
    }
  }

  throttle_settings {
    rate_limit  = local.is_one ? 100 : 200
    burst_limit = local.is_one ? 50 : 60
  }

  quota_settings {
    limit  = local.is_one ? 1000 : 2000
    period = local.is_one ? "WEEK" : "MONTH"
    offset = 2
  }
}

resource "aws_api_gateway_usage_plan_key" "this" {
  key_id        = aws_api_gateway_api_key.this.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this.id
}

data "aws_api_gateway_api_key" "this" {
  id = aws_api_gateway_usage_plan_key.this.key_id
}

output "found" {
  value = {
    api     = aws_api_gateway_rest_api.this.id
    plan    = aws_api_gateway_usage_plan.this.id
    key     = data.aws_api_gateway_api_key.this.id
    value   = nonsensitive(data.aws_api_gateway_api_key.this.value)
    enabled = data.aws_api_gateway_api_key.this.enabled
  }
}
