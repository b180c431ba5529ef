"""Who gets what, when: pure functions over facts. Standard library and her2tracker.lib only."""
