"""A believable company for the embedded demo: eighteen months of leads whose outcomes follow from hidden traits.

people      who works here, and the teams
traits      what a lead is like behind what it says; drawn from a seed
story       pure: one life of a lead, moment by moment, judged by the policy's own rules
telling     writes the lives as facts, dated when they happened
"""
