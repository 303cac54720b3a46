"""Ports: what the use cases need from the world. Each has an in-memory fake and a contract test."""
