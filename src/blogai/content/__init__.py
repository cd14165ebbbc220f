"""Everything that is generated: operations, their runs, and the library of what they wrote."""
