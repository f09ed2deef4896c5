"""What stands where a rule file is told to be wrong."""

from service.domain.errors import RuleError


def told_at(error: RuleError, text: str) -> str:
    """The rest of the line of a file from the place that is told to be wrong."""
    return text.split("\n")[error.line - 1][error.column - 1 :]
