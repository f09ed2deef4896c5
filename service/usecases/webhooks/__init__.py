"""A gym's webhooks: managed, and delivered to."""
