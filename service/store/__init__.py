"""Everything kept in Redis: event logs, projections, the rule-set archive, API keys, and the wake-ups of workers."""
