"""The commands of `spotter`, one module each."""
