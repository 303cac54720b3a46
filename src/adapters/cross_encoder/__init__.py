"""A local reranker: ms-marco-MiniLM-L12-v2 in int8, from a wheel, without a key or network."""
