module "network" {
  source = "./network"
}

variable "env" { default = "dev" }
variable "google_secret" {
  type      = string
  sensitive = true
}

resource "aws_cognito_user_pool" "people" {
  name              = format("people-%s", var.env)
  alias_attributes  = ["email"]
  mfa_configuration = "OFF"
  lambda_config {
    pre_sign_up = aws_lambda_function.gate.arn
  }
  admin_create_user_config {
    allow_admin_create_user_only = var.env == "prod" ? true : false
    invite_message_template {
      email_subject = "Welcome"
      email_message = "You are {username}, with {####}"
      sms_message   = "You are {username}, with {####}"
    }
  }
}

resource "aws_cognito_identity_provider" "google" {
  user_pool_id  = aws_cognito_user_pool.people.id
  provider_name = "Google"
  provider_type = "Google"
  provider_details = {
    client_id        = "1234.apps.example.com"
    client_secret    = var.google_secret
    authorize_scopes = "openid email"
  }
  attribute_mapping = {
    email    = "email"
    username = "sub"
  }
}

resource "aws_cognito_user_pool_client" "app" {
  name                         = "app"
  user_pool_id                 = aws_cognito_user_pool.people.id
  supported_identity_providers = ["COGNITO", aws_cognito_identity_provider.google.provider_name]
}

resource "aws_cognito_user_group" "editors" {
  for_each     = toset(["editors"])
  name         = "editors"
  user_pool_id = aws_cognito_user_pool.people.id
  precedence   = 5
}

resource "aws_lambda_function" "gate" {
  function_name = "gate"
  filename      = "gate.zip"
  handler       = "gate.handler"
  runtime       = "python3.13"
  role          = "arn:aws:iam::123456789012:role/gate"
}
