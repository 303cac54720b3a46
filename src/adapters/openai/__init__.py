"""Any server that speaks OpenAI's API: Ollama, vLLM, llama.cpp, LiteLLM or a hosted one."""
