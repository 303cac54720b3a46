"""Zip containers of office formats: capped members, XML without entities or network."""

import io
import posixpath
import zipfile
import zlib

from lxml import etree

from adapters.parsers._refusal import Refusal

MAX_MEMBER = 256 << 20  # bytes one member may unpack to
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Archive:
    """A zip file of untrusted origin. Raises Refusal where it is broken, encrypted or a bomb."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
            raise Refusal("corrupt_document") from error
        self.names = set(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """Return the member's bytes."""
        try:
            with self._zip.open(name) as member:
                data = member.read(MAX_MEMBER + 1)
        except RuntimeError as error:  # how zipfile says "encrypted"
            raise Refusal("password_protected") from error
        except (zipfile.BadZipFile, KeyError, OSError, EOFError, zlib.error) as error:
            raise Refusal("corrupt_document") from error
        if len(data) > MAX_MEMBER:
            raise Refusal("parse_memory")
        return data

    def xml(self, name: str) -> etree._Element:
        """Return the root of the XML member."""
        return parse_xml(self.read(name))

    def relations(self, part: str) -> dict[str, str]:
        """Return the members that an OOXML part refers to, by relationship id."""
        folder, base = posixpath.split(part)
        name = f"{folder}/_rels/{base}.rels"
        if name not in self.names:
            return {}
        return {
            relation.get("Id", ""): resolve(folder, relation.get("Target", ""))
            for relation in self.xml(name).iter(_RELATIONSHIP)
            if relation.get("TargetMode") != "External"
        }

    def core_title(self) -> str:
        """Return what an OOXML file's properties call its title."""
        if "docProps/core.xml" not in self.names:
            return ""
        return self.xml("docProps/core.xml").findtext(".//{*}title") or ""


def resolve(folder: str, target: str) -> str:
    """Return the member name of a reference made by a member in `folder`."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML of untrusted origin: no entities, no DTD, no network, no huge nodes."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        starved = error.code == etree.ErrorTypes.ERR_NO_MEMORY
        raise Refusal("parse_memory" if starved else "corrupt_document") from error
    return root
