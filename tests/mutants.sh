#!/bin/sh
# A sample of the mutants that `make mutants` makes: one that survives is noted in survivors.txt, and
# every note there is of a mutant that is still made.
EVERY=${EVERY:-50} exec sh tests/mutants/run.sh "$BUILD"
