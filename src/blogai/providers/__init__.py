"""Where text comes from: named providers, the embedded model, retries, fallbacks and prices."""
