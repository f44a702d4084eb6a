"""`python -m symdl`: the command line."""

from symdl.cli import main

main(prog_name="symdl")
