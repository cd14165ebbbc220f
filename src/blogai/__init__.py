"""Blog AI: a self-hostable AI content platform on PostgreSQL."""
