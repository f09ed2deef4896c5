"""How logged sets are read: which fill the places that a slot asks for, which wait, warm up or come on top.

Pure functions of places and sets. ``place`` says what is asked and when it is done, ``slot_sets`` reads each set as it
comes, ``slot_choice`` finds its slot, ``close`` reads anew when the session is over (``warm_ups``, then ``matching``).
"""
