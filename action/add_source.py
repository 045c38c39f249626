"""Make the code of this commit importable in the environment that runs this, without building it."""

import sysconfig
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"

Path(sysconfig.get_path("purelib"), "iacscan.pth").write_text(f"{SOURCE}\n", encoding="utf-8")
