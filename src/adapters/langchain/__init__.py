"""LangChain's chat models, embeddings, vector stores and tools as our ports."""
