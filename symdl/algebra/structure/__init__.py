"""What a matrix of matrices is: recognised in its index equation, used as an operator."""
