"""Small pure modules shared by both cores. Standard library only, but for `catalog`."""
