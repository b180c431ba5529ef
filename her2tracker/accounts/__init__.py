"""People: users, the sites they work at, roles and permissions as data, sign-in."""
