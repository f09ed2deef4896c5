"""The pure rule engine: from rule files and a log to prescriptions and their proof. No I/O but reading rule files."""
