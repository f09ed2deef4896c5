"""What a request may hold: a marshmallow schema for each component of ``openapi.yaml`` that clients send."""
