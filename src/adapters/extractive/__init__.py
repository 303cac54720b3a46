"""Answers without a language model: the best sentences of the passages, word for word."""
