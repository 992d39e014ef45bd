#!/bin/sh
# Makes a text unreadable at a glance, and, done once more, readable again: every printing character of
# ASCII changes places with another. Standard input to standard output.
LC_ALL=C tr '!-~' 'P-~!-O'
