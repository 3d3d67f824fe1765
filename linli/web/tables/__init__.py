"""Tables that leave the house: lists and figures as xlsx, in the background where they are long, and forms of superior organs."""
