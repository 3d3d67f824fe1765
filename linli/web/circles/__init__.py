"""Living circles in words, for whoever plans them: beside each other, their gaps, what an opening would change, their plans."""
