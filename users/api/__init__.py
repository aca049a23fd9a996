"""What every address under /api/v1/ shares: keys, bodies, questions, pages, versions, repeated sends and refusals."""
