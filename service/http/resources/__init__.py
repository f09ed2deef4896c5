"""The operations of the contract; a function's name is its ``operationId``."""
