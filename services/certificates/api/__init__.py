"""HTTP in and out, by audience. No rules here."""

from litestar import Router

from services.certificates.api import (
    applying,
    batch,
    catalogue,
    catalogue_editor,
    citizen,
    credential,
    drafts,
    evidence,
    figures,
    issuer,
    kiosk,
    messages,
    public,
    reviewer,
    seal_import,
    seal_keeping,
    seals,
)

ROUTES = Router(
    "/",
    route_handlers=[
        catalogue.show_catalogue,
        catalogue.show_entry,
        catalogue.show_schema,
        catalogue.show_form,
        catalogue_editor.list_versions,
        catalogue_editor.publish,
        *applying.HANDLERS,
        *drafts.HANDLERS,
        *evidence.HANDLERS,
        kiosk.print_certificate,
        citizen.list_wards,
        citizen.list_applications,
        citizen.withdraw,
        citizen.list_certificates,
        citizen.show_my_certificate,
        *reviewer.HANDLERS,
        *batch.HANDLERS,
        *figures.HANDLERS,
        *messages.HANDLERS,
        *credential.HANDLERS,
        *issuer.HANDLERS,
        *public.HANDLERS,
        *seals.HANDLERS,
        *seal_keeping.HANDLERS,
        *seal_import.HANDLERS,
    ],
)
