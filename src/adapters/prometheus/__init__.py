"""Prometheus: numbers that it comes to read."""
