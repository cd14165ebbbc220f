"""Brand voices: measured, explained, used in writing."""
