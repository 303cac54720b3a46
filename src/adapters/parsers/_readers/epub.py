"""Electronic books (EPUB): the chapters in the order of the spine."""

import posixpath
from urllib.parse import unquote

from adapters.parsers._archive import Archive, resolve
from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft, plausible_title
from adapters.parsers._markup import add_html
from adapters.parsers._refusal import Refusal

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/xml")


def read(data: bytes, draft: Draft) -> None:
    """Add each chapter's text under its headings."""
    archive = Archive(data)
    if "META-INF/encryption.xml" in archive.names and "META-INF/rights.xml" in archive.names:
        raise Refusal("password_protected", "This book is copy-protected (DRM) and cannot be read.")
    rootfile = archive.xml(_CONTAINER).find(".//{*}rootfile")
    package_name = "" if rootfile is None else str(rootfile.get("full-path", ""))
    package = archive.xml(package_name)
    draft.title = plausible_title(package.findtext(".//{*}title") or "")
    folder = posixpath.dirname(package_name)
    chapters = {
        item.get("id", ""): resolve(folder, unquote(item.get("href", "")))
        for item in package.iter("{*}item")
        if item.get("media-type") in _PAGES and item.get("properties") != "nav"
    }
    for reference in package.iter("{*}itemref"):
        name = chapters.get(reference.get("idref", ""))
        if name in archive.names and name is not None:
            add_html(decode(archive.read(name)), draft)
