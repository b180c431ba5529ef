"""The one write path of monitoring: the module is the noun, the function the verb, `by=` is required."""
