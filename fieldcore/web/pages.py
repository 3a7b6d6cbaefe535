"""What can become a page: a registry of kinds of pages, and what all of them are asked for.

A kind of page is one entry of ``PAGES``, one class, and the names of its JavaScript, HTML and shaders beside this file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InputError
from ..registry import Registry

if TYPE_CHECKING:
    from ..fields.field import Field
    from .document import Document

PAGES: Registry[PageKind] = Registry(
    "kind of page",
    {
        "model": "fieldcore.web.mesh_page:MESH",
        "picture": "fieldcore.web.picture_page:PICTURE",
        "integral": "fieldcore.web.integral_page:INTEGRAL",
        "light_stage": "fieldcore.web.stage_page:STAGE",
        "shape": "fieldcore.web.shape_page:SHAPE",
    },
)
"""Every kind of page by its name, in the order in which they are asked whether they show a field."""

MOST_MEGABYTES = 8.0
"""Of a page, unless somebody allows more."""

_OF_ALL = ("embedded", "file")

_OTHERWISE = "solve a picture: fieldcore fit picture PHOTO --kind pyramid"


@dataclass(frozen=True, kw_only=True)
class PageSettings:
    """How a page is written; each kind of page takes some of these.

    Attributes:
        truth: a picture to wipe against; None for none.
        size: most samples along the longer side; None for all.
        lossy: samples as a JPEG.
        exact: samples in single precision where they are no bytes.
        embedded: for a frame in another page.
        model: a file of a model that the texture is laid on; None for none.
        file: name of the field's file, which the page states; empty where it has none.
    """

    truth: str | None = None
    size: int | None = None
    lossy: bool = False
    exact: bool = False
    embedded: bool = False
    model: str | None = None
    file: str = ""


@dataclass(frozen=True)
class Page:
    """A page that is ready to be written.

    Attributes:
        document: what is written.
        facts: what is known of it, for people and programs.
        size: what ``PageSettings.size`` would be for this very page; None where it changes nothing.
    """

    document: Document
    facts: dict[str, Any]
    size: int | None = None


class PageKind(ABC):
    """One kind of page.

    Class attributes:
        options: of ``PageSettings``, those that it takes beside what all take.
        instead: what to do with fields that no page shows, by the type of their signal.
        notebook_size: the ``size`` of pages in notebooks, which keep what they show; None for all.
        size_power: the power of ``size`` that a page's bytes grow with.
    """

    options: ClassVar[tuple[str, ...]] = ()
    instead: ClassVar[Mapping[str, str]] = {}
    notebook_size: ClassVar[int | None] = None
    size_power: ClassVar[int] = 2

    @abstractmethod
    def shows(self, field: Field, settings: PageSettings) -> bool:
        """Whether this is the kind of page for a field, with what is given beside it."""

    @abstractmethod
    def page(self, field: Field, settings: PageSettings) -> Page:
        """The page of a field that it shows. Raises InputError."""


def kind_for(field: Field, settings: PageSettings) -> PageKind:
    """The kind of page that shows a field.

    Raises InputError where none does, saying what to do instead, or where it does not take what is given.
    """
    for name, kind in PAGES.items():
        if kind.shows(field, settings):
            _check_options(name, kind, settings)
            return kind
    instead = {type: words for kind in PAGES.values() for type, words in kind.instead.items()}
    raise InputError(
        f"field of '{field.facts.name}': no page shows a {field.kind} field of a {field.facts.type.replace('_', ' ')}; "
        f"{instead.get(field.facts.type, _OTHERWISE)}"
    )


def page_of(field: Field, settings: PageSettings = PageSettings()) -> Page:
    """The page that shows a field. Raises InputError.

    Example:
        >>> import numpy as np
        >>> import fieldcore as fc
        >>> page = page_of(fc.train("pyramid", np.full((16, 16, 3), 0.5, np.float32)))
        >>> page.facts["samples"], "<canvas" in page.document.html()
        ((16, 16), True)
    """
    return kind_for(field, settings).page(field, settings)


def _check_options(name: str, kind: PageKind, settings: PageSettings) -> None:
    for entry in fields(settings):
        is_given = getattr(settings, entry.name) != entry.default
        if is_given and entry.name not in (*kind.options, *_OF_ALL):
            option = entry.name.replace("_", "-")
            raise InputError(f"--{option}: has no effect on the page of a {name.replace('_', ' ')}; leave it out")
