"""The pure vocabulary: events, loads, exercises, effective history, prescriptions, derivations. No I/O."""
