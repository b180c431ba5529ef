"""A plan handed to another hospital, on paper and as a file that goes on with it there."""
