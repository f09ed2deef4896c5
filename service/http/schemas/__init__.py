"""What a request may hold: one marshmallow schema for every component of ``openapi.yaml`` that clients send."""
