"""One learner's file: opened for someone who says why, shown as a page, exported as CLR and European Learning Model."""
