"""Where the data-sharing catalogue of a stack is that names no other."""

from pathlib import Path

SHARING_FILE = Path(__file__).with_name("sharing.yaml")
