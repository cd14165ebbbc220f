"""Metering: what a user may make, holds while it is being made, and has used."""
