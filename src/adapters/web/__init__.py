"""Pages and files of the public web, over aiohttp."""
