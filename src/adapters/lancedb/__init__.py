"""LanceDB as a vector store: files of our own, or in an object store."""
