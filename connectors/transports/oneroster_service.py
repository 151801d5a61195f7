"""Which collections a OneRoster service has for us, and how to get in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from connectors.http import Client
from connectors.http_logins import ClientCredentials
from connectors.registry import Agency
from connectors.transports import rest
from connectors.transports.oneroster_pages import Collection
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

SERVICES: Mapping[str, Sequence[str]] = {
    "rostering": ("orgs", "academicSessions", "courses", "classes", "users", "demographics", "enrollments"),
    "gradebook": ("categories", "lineItems", "results"),
}
"""Collections in the order in which none refers to a later one."""
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
SCOPES: Mapping[str, str] = {
    "rostering": f"{SCOPE}roster.readonly {SCOPE}roster-core.readonly {SCOPE}roster-demographics.readonly",
    "gradebook": f"{SCOPE}gradebook.readonly",
}


def collections(settings: Settings, agency: Agency) -> dict[Collection, dict[str, Contract]]:
    """The collections an agency is asked for, each with the contracts that its objects fill, by entity.

    :raises ConfigurationError: the agency's yml names an entity no collection holds
    """
    spoken = {c.file: c for c in contracts.spoken(settings.contracts_dir, agency.source, agency.contract_versions)}
    found: dict[Collection, dict[str, Contract]] = {}
    for service, names in SERVICES.items():
        for name in names:
            files = (f"{name}.csv", "roles.csv") if name == "users" else (f"{name}.csv",)
            owned = {spoken[file].entity: spoken[file] for file in files}
            found[Collection(name, f"{service}/v1p2/{name}")] = owned
    chosen = {name.strip() for name in agency.params.get("entities", "").split(",")} - {""}
    if unknown := chosen - {entity for owned in found.values() for entity in owned}:
        raise ConfigurationError(
            f"{agency.agency_code}.yml: params.entities: there are no {', '.join(sorted(unknown))}"
        )
    return {collection: owned for collection, owned in found.items() if not chosen or chosen & owned.keys()}


def connected(
    settings: Settings, agency: Agency, wanted: Iterable[Collection], sleep: Callable[[float], None]
) -> Client:
    """A client of the agency's service, with leave for the collections wanted.

    :raises ConfigurationError: the agency's yml does not say where its service is
    """
    params = agency.params
    for name in ("url", "token_url"):
        if name not in params:
            raise ConfigurationError(f"{agency.agency_code}.yml: params.{name} is missing: where is its service?")
    services = dict.fromkeys(collection.path.partition("/")[0] for collection in wanted)
    scopes = params.get("scopes") or " ".join(SCOPES[service] for service in services)
    return rest.client(
        agency,
        ClientCredentials(
            params["token_url"],
            lambda: settings.credential(agency.agency_code, "client_id"),
            lambda: settings.credential(agency.agency_code, "client_secret"),
            scopes.split(),
        ),
        sleep,
    )
