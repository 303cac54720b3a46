"""Pinecone as a vector store."""
