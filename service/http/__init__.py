"""The HTTP door: Flask, marshmallow schemas and problem details over the use cases, as ``openapi.yaml`` says."""
