"""Ground floor: clock, ids, paths and units. Pure, standard library only.

Everything else may import it; it imports nothing of Mediant but `errors`.
"""
