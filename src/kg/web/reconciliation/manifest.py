"""What the service says of itself."""

from typing import Any, Final

from kg import __version__
from kg.web.reconciliation import PATH
from kg.web.reconciliation.batch import BATCH_SIZE
from kg.web.reconciliation.extension import SETTINGS
from kg.web.reconciliation.schema import Schema, Type

VERSIONS: Final = ("0.2",)
NAME: Final = "citypledge: cities, networks and pledges"
PREVIEW_SIZE: Final = (400, 280)  # pixels: width and height


def manifest(schema: Schema, address: str) -> dict[str, Any]:
    """Return the manifest.

    Args:
        schema: The types of the dataset.
        address: Under which a client finds the site, without a slash at the end.
    """
    width, height = PREVIEW_SIZE
    return {
        "versions": list(VERSIONS),
        "name": NAME,
        "identifierSpace": schema.base,
        "schemaSpace": schema.space,
        "defaultTypes": [{"id": each.id, "name": each.name} for each in schema.defaults],
        "documentation": f"{address}{PATH}/help",
        "serviceVersion": __version__,
        "view": {"url": f"{address}{PATH}/view?id={{{{id}}}}"},
        "feature_view": {"url": f"{address}{PATH}/help#feature-{{{{id}}}}"},
        "preview": {
            "url": f"{address}{PATH}/preview?id={{{{id}}}}",
            "width": width,
            "height": height,
        },
        "suggest": {
            kind: {
                "service_url": address,
                "service_path": f"{PATH}/suggest/{kind}",
                "flyout_service_url": address,
                "flyout_service_path": f"{PATH}/flyout/{kind}?id=${{id}}",
            }
            for kind in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {
                "service_url": address,
                "service_path": f"{PATH}/properties",
            },
            "property_settings": [*SETTINGS],
        },
        "batchSize": BATCH_SIZE,
    }


def as_type(kind: Type, schema: Schema) -> dict[str, Any]:
    """Return a type as suggestions have it, with the types right above it."""
    above = [schema.types.get(schema.identifier(iri)) for iri in kind.broader]
    return {
        "id": kind.id,
        "name": kind.name,
        **({"description": kind.description} if kind.description else {}),
        "broader": [{"id": each.id, "name": each.name} for each in above if each is not None],
    }
