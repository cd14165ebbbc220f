"""The tools: what each is, and how often it was used."""
