"""Named functions of tensors, composed of the language's own operators."""
