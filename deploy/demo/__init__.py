"""The demo: a citizen's story told over HTTP on a stack of its own, every sentence of it checked and measured."""
