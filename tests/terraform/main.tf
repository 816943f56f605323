# A REST API with every part that Tollgate serves, one file per resource of AWS's provider. `tests/clients/test_terraform.py`
# applies it, plans nothing more, changes `word`, imports each resource anew, and destroys it.
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
