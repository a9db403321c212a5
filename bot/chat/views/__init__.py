"""One module for each kind of answer: from an intent and what the index has of it to a view."""
