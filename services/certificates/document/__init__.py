"""The certificate as a document: a page drawn from what it says, signed, sealed, and looked into again."""
