"""`python -m eoffice`."""

from eoffice.cli import eoffice

eoffice(prog_name="eoffice")
