"""The questions that can be asked, one module each."""
