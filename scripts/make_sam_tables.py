"""Makes sam.txt in src/iacscan/policy/data, what SAM's policy templates and connectors grant, from the wheel of its translator."""

import json
import sys
import zipfile

from _wheels import Pin, run

SAM = Pin("aws_sam_translator", "1.115.0", "9be2d7b04041a64e89ed3fb1186f948377ecc118033a8a7538f271d4bcab0afa")


def generate(wheel: zipfile.ZipFile) -> dict[str, str]:
    """Make the file: one line a template or connector, `key` and what it is in JSON, separated by a tab.

    The key of a template is its name; its value has `parameters` and `statements`. The key of a connector is
    `SourceType>DestinationType`; its value has `kind`, `of_source` (whose role or policy it is) and what each of the
    `categories` of access grants.
    """
    templates = json.loads(wheel.read("samtranslator/policy_templates_data/policy_templates.json"))["Templates"]
    profiles = json.loads(wheel.read("samtranslator/model/connector_profiles/profiles.json"))["Permissions"]
    rows: dict[str, object] = {}
    for name, template in templates.items():
        rows[name] = {
            "parameters": sorted(template["Parameters"]),
            "statements": template["Definition"]["Statement"],
        }
    for source, destinations in profiles.items():
        for destination, profile in destinations.items():
            properties = profile["Properties"]
            rows[f"{source}>{destination}"] = {
                "kind": profile["Type"],
                "of_source": properties["SourcePolicy"],
                "categories": properties["AccessCategories"],
            }
    lines = [f"{key}\t{json.dumps(row, separators=(',', ':'))}" for key, row in sorted(rows.items())]
    header = SAM.header(
        "2026-10-12", "Apache-2.0", f"{len(templates)} templates, {len(lines) - len(templates)} connectors"
    )
    return {"sam.txt": "\n".join(header + lines) + "\n"}


if __name__ == "__main__":
    sys.exit(run((SAM,), generate))
