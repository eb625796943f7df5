variable "region" {
  default = "eu-central-1"
}

variable "project" {
  type    = string
  default = "demo"
}

variable "stage" {
  type = string
}

variable "callback_urls" {
  type    = list(string)
  default = ["http://localhost:3000/callback"]
}

locals {
  tags = { project = var.project }
}
