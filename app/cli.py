"""The command line: ``fieldscope``.

Without ``--render-path`` it opens the window. Results go to standard output (JSON objects with ``--json``), progress
and errors to standard error. What is heavy is imported once the words are understood, so that help and refusals are
quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from fieldcore.arguments import parse, wants
from fieldcore.command import run_command
from fieldcore.errors import InputError
from fieldcore.help_page import help_page
from fieldcore.version import version

from .modes import refuse_without_effect
from .opening import refuse_other_scenes
from .program_options import EXAMPLES, Options, ProgramOptions, given_settings
from .record.render_request import export_asked, path_asked

PROGRAM = "fieldscope"


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's own) and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json, quiet = wants(words, "--json"), wants(words, "--quiet", "-q")
    return run_command(lambda: _answer(words), as_json=as_json, quiet=quiet)


def _answer(words: Sequence[str]) -> None:
    if wants(words, "-h", "--help"):
        print(help_page(PROGRAM, Options, ProgramOptions.__doc__ or "", EXAMPLES))
    elif wants(words, "--version"):
        print(f"{PROGRAM} {version()}")
    else:
        _run(understood(words))


def understood(words: Sequence[str]) -> Any:
    """The options that words stand for. Raises InputError if they cannot be understood, or one has no effect."""
    options = parse(Options, words)
    refuse_without_effect(options, options.modes)
    return options


def _run(options: Any) -> None:
    settings = given_settings(options)
    if options.render_views is not None:
        from .record.view_rendering import render_views

        render_views(options)
        return
    if options.export_path is not None:
        export_asked(options)
        return
    if options.render_path is not None or options.uv_sequence is not None:
        path = path_asked(options)
        from .record.rendering import render

        render(options, path)
        return
    if options.last and options.sources:
        raise InputError(f"--last opens what was open, and '{options.sources[0]}' was given too; leave one out")
    if not options.benchmark and not options.last:
        refuse_other_scenes(settings, options.sources)
    from fieldcore.devices import choose_device

    device = choose_device(options.device)
    # A headless run must not import windowing libraries.
    if options.benchmark:
        from benchmarks.window.benchmark import run_benchmark

        run_benchmark(device, options.json)
    else:
        from .window.instrument import run_instrument

        run_instrument(options.sources, settings, device, options.require_gpu, options.json, options.last)
