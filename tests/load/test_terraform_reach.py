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


@pytest.mark.parametrize(
    "path",
    [
        "{up}{hidden}",
        "${{path.module}}/{up}{hidden}",
        "sub/../{up}{hidden}",
        "sub/sub/../../{up}{hidden}",
        "./{up}/.{hidden}",
        "{first}${{local.up}}/{rest}{hidden}",
        "{up}etc/..{hidden}",
    ],
)
@pytest.mark.parametrize("function", ["file", "filebase64", "fileexists", "filemd5", "templatefile"])
def test_no_number_of_ways_up_leads_out_of_the_copy(read, tmp_path, function, path):
    up = "../" * 40
    hidden = str(tmp_path / "secret.txt")
    text = path.format(up=up, hidden=hidden, first="../" * 20, rest="../" * 20).replace(
        "${local.up}", '${join("", [".", "."])}'
    )
    value = read(f'{function}("{text}"{", {}" if function == "templatefile" else ""})')
    assert value is False if function == "fileexists" else isinstance(value, Unknown)


def test_nor_does_it_for_a_list_of_files(read, tmp_path):
    assert read(f'join(",", fileset("{"../" * 40}{tmp_path}", "*.txt"))') == ""


def test_a_way_into_a_directory_and_out_of_it_again_is_none_up(read):
    assert read('file("sub/../sub/../../one/../../shared/name.txt")') == "shared"
