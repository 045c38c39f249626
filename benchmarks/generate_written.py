"""Write what people write, of any size: `python benchmarks/generate_written.py source BYTES DIR`, or `template RESOURCES FILE`.

The source is a tree of teams: each directory is a root module that calls one module a service, and each of these is a copy of
template/modules/app. The template is template/service.yaml, ten resources, again and again. One service in fifty is careless,
as in generate.py. The same number always gives the same text. A template of AWS may hold 500 resources; ours may hold more,
to show how the cost grows.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent / "template"
CARELESS: Final = "Careless00000"
CARELESS_EVERY: Final = 50
RESOURCES_EACH: Final = 10
SERVICES_A_TEAM: Final = 20
_RIGHTS: Final = """            Action:
              - s3:GetObject
              - s3:PutObject
            Resource: !Sub ${Careless00000Bucket.Arn}/*
"""
_CAREFUL: Final = (
    ('            Action: s3:*\n            Resource: "*"\n', _RIGHTS),
    ("BlockPublicAcls: false", "BlockPublicAcls: true"),
    ("IgnorePublicAcls: false", "IgnorePublicAcls: true"),
)
_TEAM: Final = """terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "current" {}
"""
_SERVICE: Final = """
module "%(name)s" {
  source = "./services/%(name)s"

  name     = "%(name)s"
  careless = %(careless)s
  account  = data.aws_caller_identity.current.account_id
}
"""


def names(count: int) -> Iterator[tuple[str, bool]]:
    """Name of each service, and whether it is careless."""
    for number in range(count):
        careless = number % CARELESS_EVERY == 0
        yield f"{'careless' if careless else 'steady'}-{number:05}", careless


def make_template(resources: int) -> str:
    """Return a template with at least that many resources."""
    careless = (HERE / "service.yaml").read_text(encoding="utf-8")
    steady = careless
    for hasty, right in _CAREFUL:
        if hasty not in steady:
            message = f"template/service.yaml lacks {hasty!r}"
            raise ValueError(message)
        steady = steady.replace(hasty, right)
    parts = ['AWSTemplateFormatVersion: "2010-09-09"\nResources:\n']
    for name, hurried in names(-(-resources // RESOURCES_EACH)):
        called = name.replace("-", "").capitalize()
        text = careless if hurried else steady
        parts.append(text.replace(CARELESS, called).replace(CARELESS.lower(), called.lower()))
    return "".join(parts)


def write_source(size: int, directory: Path) -> int:
    """Write a tree with at least that many bytes of source, and return how many there are."""
    module = (HERE / "modules" / "app" / "main.tf").read_bytes()
    count = -(-size // len(module))
    written = 0
    for number, (name, careless) in enumerate(names(count)):
        team = directory / f"team-{number // SERVICES_A_TEAM:03}"
        service = team / "services" / name
        service.mkdir(parents=True)
        written += (service / "main.tf").write_bytes(module)
        call = _SERVICE % {"name": name, "careless": "true" if careless else "false"}
        with (team / "main.tf").open("a", encoding="utf-8") as file:
            if file.tell() == 0:
                written += file.write(_TEAM)
            written += file.write(call)
    return written


def main() -> None:
    """Write one of them."""
    kind, size, target = sys.argv[1:]
    if kind == "source":
        write_source(int(size), Path(target))
    else:
        Path(target).write_text(make_template(int(size)), encoding="utf-8")


if __name__ == "__main__":
    main()
