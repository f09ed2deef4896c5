"""From a state to what to do next; and what lifters then did of it."""
