"""A vector store for ChatSphere: rows in SQLite, compared by NumPy."""
