#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The short form of `make bench-grading`.
exec sh "${SRCDIR:?}/tests/bench/precision.sh" short
