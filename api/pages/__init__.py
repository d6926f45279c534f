"""What all pages for people share: one look, two languages, texts of strangers scrubbed and escaped."""
