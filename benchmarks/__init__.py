"""What the program does for its living, measured as ratios against a limit in the same run."""
