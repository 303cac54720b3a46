"""Who asks: settings, composition root, HTTP and WebSocket API, worker, command line."""
