"""How like is near like, and what a park is made of: weights, global and local association, quotients, concentration, links."""
