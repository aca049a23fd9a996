"""What ships with the product: question sets, policies, personas, pains and goals, as data.

Wording is English and marked for translation; it is translated where it is shown.
"""
