"""The work on a document: why it is where it is, and calling it off."""

from fastapi import APIRouter, Response

from application.services.explanation import explain_document
from application.services.job_views import diagnosis_view
from application.services.views import document_view
from entrypoints.api import job_schemas, schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import ContainerDep, DocumentId, etag, json_response

router = APIRouter(tags=["Documents"])


@router.get("/documents/{document_id}/diagnosis", response_model=job_schemas.Diagnosis)
async def get_diagnosis(
    document_id: DocumentId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Say in plain words why a document is where it is, and what is to be expected or done."""
    reads = (container.job_queries(), container.document_queries())
    diagnosis = await explain_document(*reads, actor.tenant_id, document_id)
    return json_response(diagnosis_view(diagnosis))


@router.post(
    "/documents/{document_id}/cancel", response_model=schemas.Document, responses={409: {}}
)
async def cancel(document_id: DocumentId, actor: ActorDep, container: ContainerDep) -> Response:
    """Call off the taking in of the newest content; the document is `failed` then, with the code
    `cancelled`, and what answered before goes on answering."""
    document = await container.cancel_document()(actor, document_id)
    return json_response(document_view(document), 200, etag(document.version))
