"""Pages of the heart: flags, results, the queue, reminders. Views ask lookups, forms and one action."""
