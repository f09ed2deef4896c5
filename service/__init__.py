"""Spotter: what should this lifter do next, and why?"""
