"""Is the heart safe? Pure functions over LVEF assessments and published cardiac protocols."""
