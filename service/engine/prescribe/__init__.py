"""From a state to what to do next, and what lifters made of it."""
