"""What the pages of the ontology, the shapes, the lists and the questions are made from."""
