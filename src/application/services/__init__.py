"""What several use cases share: retrieval, the writing side of an answer, views of entities."""
