"""Chroma as a vector store: a server, or files of our own."""
