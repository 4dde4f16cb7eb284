"""What is examined apart, in the inspector's process: documents, papers that people bring, pictures of a signature."""
