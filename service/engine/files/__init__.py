"""Rule files: read with positions, checked, and put together into a library and its rule sets."""
