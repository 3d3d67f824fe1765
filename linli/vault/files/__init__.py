"""Files of people: encrypted under each person's key, kept outside web root and database, addressed by the digest of the ciphertext."""
