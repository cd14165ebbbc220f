"""What all pages and routes share: the frame, errors as problem documents, the guard, event streams."""
