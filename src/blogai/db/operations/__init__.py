"""What keeps a database well for years: maintenance, its log, and the views of an operator."""
