"""`linli doctor`: looks at everything an installation rests on and says what is wrong and what to do."""
