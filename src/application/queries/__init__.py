"""Reads that go round the model: query ports return what a screen shows."""
