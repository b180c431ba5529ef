"""The one write path: the module is the noun, the function the verb, `by=` is required.

Refuse -> lock -> write -> audit -> return, in one transaction. Lost updates are refused.
"""
