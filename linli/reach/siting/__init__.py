"""Where something should go: places that cover the most people (maximal covering), each plan with what no plan can exceed."""

from linli.reach.siting.cover import Cover, cover_of, cover_within
from linli.reach.siting.planning import Plan, best, curve, gains
from linli.reach.siting.questions import Question, question

__all__ = ["Cover", "Plan", "Question", "best", "cover_of", "cover_within", "curve", "gains", "question"]
