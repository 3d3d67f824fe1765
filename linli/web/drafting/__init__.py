"""Drafts of programmes on their pages: forms that write the file, examples, amounts in yuan, previews in words."""
