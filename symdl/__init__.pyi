from symdl import evidence as evidence
from symdl.evidence.gradient import gradient_check as gradient_check
from symdl.evidence.report import GradientReport as GradientReport

__version__: str
