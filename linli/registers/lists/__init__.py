"""Register lists declared as data, and the vocabulary of facts they give to rules."""

from linli.registers.lists.declaration import Column, ListDeclaration, find_list, load_list, load_lists
from linli.registers.lists.vocabulary import FactSource, builtin_facts, sources, vocabulary

__all__ = ["Column", "FactSource", "ListDeclaration", "builtin_facts", "find_list", "load_list", "load_lists", "sources", "vocabulary"]
