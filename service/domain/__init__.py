"""The pure vocabulary: events, loads, equipment, exercises, effective history, prescriptions, hash chain. No I/O."""
