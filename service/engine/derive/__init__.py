"""Why: the derivation of a prescription, and arguing about it."""
