"""The pure rule engine: language, library, fold, prescription and derivation. No I/O but reading rule files."""
