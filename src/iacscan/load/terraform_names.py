"""Which files are Terraform source, by their names.

https://developer.hashicorp.com/terraform/language/files
"""

from typing import Final

_ENDINGS: Final = (".tf.json", ".tofu.json", ".tf", ".tofu")


def is_source(name: str) -> bool:
    """Whether Terraform or OpenTofu would read a file of this name as configuration."""
    return name.endswith(_ENDINGS) and not name.startswith((".", "#")) and not name.endswith("~")


def stem(name: str) -> str:
    """The name of a source file without what tells its language."""
    return next(name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending))


def is_override(name: str) -> bool:
    """Whether what the file says is merged into what others say."""
    return stem(name) == "override" or stem(name).endswith("_override")
