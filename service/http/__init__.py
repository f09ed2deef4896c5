"""The HTTP door: Flask, marshmallow schemas and problem details over the use cases; ``openapi.yaml`` says what of."""
