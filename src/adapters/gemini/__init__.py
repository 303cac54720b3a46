"""Google's Gemini models by the google-genai SDK: chat and embeddings."""
