"""The expression language of rules: parsed, type-checked, compiled to Python functions, or interpreted with a trace."""
