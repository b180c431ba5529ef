"""Her2tracker on one machine with one command: a real PostgreSQL, a real Redis, web, workers and beat.

For laptops, the demo and tests. Standard library and psycopg only, so that it can say what is wrong
before Django can be loaded. A hospital runs the same programs under its own supervisor instead.
"""
