"""Guards stand before a port and are one: deadlines, breakers and room, whatever the adapter."""
