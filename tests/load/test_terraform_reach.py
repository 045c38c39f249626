"""The functions of Terraform source read what is in the repository, and nothing else."""

import pytest

from iacscan.load.terraform_source import load_source
from iacscan.value import Unknown

HIDDEN = "what nobody may see"


@pytest.fixture
def read(tmp_path):
    """What an argument with an expression is, in a repository beside a file that is not in it; the working directory is elsewhere."""
    repository = tmp_path / "repository"
    root = repository / "stacks" / "one"
    root.mkdir(parents=True)
    (repository / ".git").mkdir()
    (repository / ".git" / "config").write_text(HIDDEN)
    (repository / "shared").mkdir()
    (repository / "shared" / "name.txt").write_text("shared")
    (root / "name.txt").write_text("own")
    (root / "sub").mkdir()
    (root / "sub" / "name.txt").write_text("below")
    (tmp_path / "secret.txt").write_text(HIDDEN)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").mkdir()
    (root / "linked" / "link.txt").symlink_to(tmp_path / "secret.txt")

    def read(expression):
        (root / "main.tf").write_text(f'resource "aws_x" "a" {{\n  name = {expression}\n}}\n')
        (block,) = load_source(root).after.blocks
        return block.get("name")

    return read


@pytest.mark.parametrize("call", ['file("PATH")', 'templatefile("PATH", {})'])
@pytest.mark.parametrize(
    ("path", "text"),
    [("name.txt", "own"), ("${path.module}/sub/name.txt", "below"), ("../../shared/name.txt", "shared")],
)
def test_files_of_the_repository_are_read(read, call, path, text):
    assert read(call.replace("PATH", path)) == text


@pytest.mark.parametrize("call", ['file("PATH")', 'templatefile("PATH", {})'])
@pytest.mark.parametrize(
    "path",
    ["../../../secret.txt", "../../.git/config", "link.txt", "linked/link.txt", "${path.module}/../../../secret.txt"],
)
def test_nothing_outside_of_it_nor_hidden_in_it_is(read, call, path):
    assert isinstance(read(call.replace("PATH", path)), Unknown)
