"""Looks at a document and at its job, and says why the document is where it is."""

from application.queries.documents import DocumentQueries
from application.queries.jobs import JobQueries
from domain.diagnosis import Diagnosis, diagnose

_LOOKS = 2  # a second one where work was begun between looking at the queue and at the document


async def explain_document(
    jobs: JobQueries,
    documents: DocumentQueries,
    tenant_id: str,
    document_id: str,
    job_id: str | None = None,
) -> Diagnosis:
    """Return the diagnosis of a document, by its newest job or the one given. Raises NotFound.

    The queue is read first: a job that ends meanwhile leaves a document that says so itself.
    """
    for _ in range(_LOOKS):
        facts = await jobs.facts(tenant_id, document_id, job_id)
        document = await documents.get(tenant_id, document_id)
        if facts.job is not None or document.status.is_settled:
            break
    return diagnose(document, facts)
