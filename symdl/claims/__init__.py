"""Claims about expressions and the evidence for them."""
