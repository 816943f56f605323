resource "aws_api_gateway_rest_api" "this" {
  name                     = "terraform-${var.word}"
  description              = "made by Terraform: ${var.word}"
  minimum_compression_size = var.word == "one" ? 1000 : 2000
  binary_media_types       = var.word == "one" ? ["image/png"] : ["image/gif"]
  tags                     = { word = var.word }

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

# From a definition: what is changed is written over it.
resource "aws_api_gateway_rest_api" "imported" {
  name = "terraform-imported"
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "terraform-imported", version = var.word }
    paths = {
      "/pets" = {
        get = {
          responses                       = { "200" = { description = var.word } }
          x-amazon-apigateway-integration = { type = "mock" }
        }
      }
    }
  })
  put_rest_api_mode = "overwrite"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}
