"""What pages ask people, a module per noun. Rules stay in the core; forms only read what was typed."""
