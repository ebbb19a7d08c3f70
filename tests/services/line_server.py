"""Answers requests that come as lines of JSON on the standard input, each with a line: `{"answer": ...}` or `{"error": TEXT}`."""

import json
import os
import sys


class Answers:
    """Takes the standard output for itself: what libraries print must not be taken for an answer."""

    def __init__(self) -> None:
        self.output = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def serve(self, ready, perform) -> None:
        """Says with the first line what is `ready`, and ends with the input."""
        self.answer({"answer": ready})
        for line in sys.stdin:
            try:
                self.answer({"answer": perform(json.loads(line))})
            except BaseException as error:  # a panic of a native package is no Exception
                self.answer({"error": str(error)[:2000]})

    def answer(self, value: dict) -> None:
        self.output.write(json.dumps(value) + "\n")
        self.output.flush()
