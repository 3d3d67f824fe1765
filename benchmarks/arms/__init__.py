"""One arm of a comparison each: a program that does a round whenever it reads a line, and answers with what the round cost."""
