"""Requests that Spotter sends to addresses that others chose (webhooks), so only public ones are called."""
