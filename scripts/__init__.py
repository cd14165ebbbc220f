"""Chores of the project: set-up, generated pages."""
