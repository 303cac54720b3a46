"""Question sets with known answers, read from a folder that is not part of the repository."""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "de", "es", "ar", "zh", "ru", "hi")


@dataclass(frozen=True, slots=True)
class RankingSet:
    """Passages and questions; `relevant[q]` maps the passages that answer question q to a grade."""

    name: str
    language: str
    passages: list[str]
    questions: list[str]
    relevant: list[dict[int, int]]


@dataclass(frozen=True, slots=True)
class SpanSet:
    """Documents and questions; `evidence[q]` is a document and the spans of it that answer q."""

    documents: dict[str, str]
    questions: list[str]
    evidence: list[tuple[str, list[tuple[int, int]]]]


def xquad(folder: Path, language: str) -> RankingSet:
    """Read XQuAD (Artetxe et al. 2020): a question is answered by the paragraph it was asked on."""
    content = json.loads((folder / "xquad" / f"xquad.{language}.json").read_text("utf-8"))
    paragraphs = [part for article in content["data"] for part in article["paragraphs"]]
    asked = [(n, qa["question"]) for n, part in enumerate(paragraphs) for qa in part["qas"]]
    return RankingSet(
        f"xquad-{language}",
        language,
        [part["context"] for part in paragraphs],
        [question for _, question in asked],
        [{number: 1} for number, _ in asked],
    )


def scifact(folder: Path) -> RankingSet:
    """Read the test questions of SciFact (Wadden et al. 2020) in the form of BEIR."""
    root = folder / "scifact"
    documents = [json.loads(line) for line in (root / "corpus.jsonl").open(encoding="utf-8")]
    numbers = {document["_id"]: number for number, document in enumerate(documents)}
    lines = map(json.loads, (root / "queries.jsonl").open(encoding="utf-8"))
    questions = {line["_id"]: line["text"] for line in lines}
    relevant: dict[str, dict[int, int]] = {}
    for row in (root / "qrels-test.tsv").read_text("utf-8").splitlines():
        question, _, document, grade = row.split()
        if question in questions and int(grade) > 0:
            relevant.setdefault(question, {})[numbers[document]] = int(grade)
    return RankingSet(
        "scifact",
        "en",
        [f"{document['title']}\n{document['text']}" for document in documents],
        [questions[question] for question in relevant],
        list(relevant.values()),
    )


def cranfield(folder: Path) -> RankingSet:
    """Read the Cranfield collection (Cleverdon 1967); its grades above 0 count alike."""
    root = folder / "cranfield"
    documents = _elements((root / "cran.all.1400.xml").read_text("utf-8"), "doc")
    numbers = {_element(document, "docno"): number for number, document in enumerate(documents)}
    questions = _elements((root / "cran.qry.xml").read_text("utf-8"), "title")
    relevant: list[dict[int, int]] = [{} for _ in questions]
    for row in (root / "cranqrel.trec.txt").read_text("utf-8").splitlines():
        question, _, document, grade = row.split()
        if int(grade) > 0:
            relevant[int(question) - 1][numbers[document]] = 1
    return RankingSet(
        "cranfield",
        "en",
        [_element(document, "text") or _element(document, "title") for document in documents],
        questions,
        relevant,
    )


def spans(folder: Path) -> SpanSet:
    """Read the questions with exact evidence of Smith and Troynikov's chunking evaluation (2024)."""
    root = folder / "spans"
    with (root / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    evidence = [
        (
            row["corpus_id"],
            [(span["start_index"], span["end_index"]) for span in json.loads(row["references"])],
        )
        for row in rows
    ]
    documents = {path.stem: path.read_text("utf-8") for path in sorted(root.glob("*.md"))}
    return SpanSet(documents, [row["question"] for row in rows], evidence)


def _elements(xml: str, tag: str) -> list[str]:
    return [found.strip() for found in re.findall(f"<{tag}>(.*?)</{tag}>", xml, re.DOTALL)]


def _element(xml: str, tag: str) -> str:
    return next(iter(_elements(xml, tag)), "")
