"""The form in which somebody applies: its fields, the pages it is asked on, what is confirmed before it is sent, and the receipt."""
