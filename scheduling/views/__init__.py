"""Function views of 10 to 25 lines, a file per noun."""
