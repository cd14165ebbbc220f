"""Taking over a live database of the documented schema: look, tell, repair, record."""
