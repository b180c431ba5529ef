"""What a patient takes home: the dates of the treatment on paper and in a calendar, in her language."""
