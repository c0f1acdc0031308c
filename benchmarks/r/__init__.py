"""The same work in R and here: one R script a case, and its data and our call in `cases`."""
