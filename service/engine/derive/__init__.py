"""The derivation of a prescription, and questions to it: why, why not, what if, what differs."""
