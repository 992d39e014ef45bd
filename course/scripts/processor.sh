#!/bin/sh
# What the flag -march=native means on this machine, as a number. Code that was made for another processor
# may stop with signal 4.
#
#   processor.sh COMPILER
"$1" -march=native -dM -E -x c++ /dev/null 2> /dev/null | cksum
