"""Qdrant as a vector store."""
