"""Templates of SAM, expanded."""

from textwrap import dedent, indent

from iacscan.load.cloudformation import load_template


def expand(resources, head=""):
    """What is loaded of a template with these resources, and its blocks by logical id."""
    text = f"Transform: AWS::Serverless-2016-10-31\n{head}\nResources:\n" + indent(dedent(resources), "  ")
    loaded = load_template("t.yaml", text.encode())
    return loaded, {block.address: block for block in loaded.after.blocks}
