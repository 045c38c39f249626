"""What a rule is: one function with its text, its examples and its metadata, in one file."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct, field

from ..access import Access
from ..errors import DefectError
from ..finding import Confidence, Severity, Undecided, Violation
from ..graph import Graph
from ..lazy import regex
from ..model.estate import Estate
from ..model.settings import Settings

T = TypeVar("T")
Verdict: TypeAlias = Violation | Undecided


def utc_today() -> date:
    """The day it is, by UTC."""
    return datetime.now(UTC).date()


class World(Struct, frozen=True):
    """Everything that a rule may ask: what is there, how it hangs together, and who may do what.

    `today` is the day of the scan, by UTC: no rule looks at a clock. `before` is the world before the change, for rules about what
    the change takes away; None if there was none, or nothing changes.
    """

    estate: Estate
    graph: Graph
    access: Access
    shared: dict[object, tuple[Any, ...]] = field(default_factory=dict)
    today: date = field(default_factory=utc_today)
    before: "World | None" = None

    @property
    def settings(self) -> Settings:
        """What the configuration tells of the account."""
        return self.estate.settings

    def once(self, compute: "Callable[[World], Iterable[T]]") -> tuple[T, ...]:
        """What several rules work through, computed for the first of them that asks."""
        if compute not in self.shared:
            self.shared[compute] = tuple(compute(self))
        return self.shared[compute]


Check: TypeAlias = Callable[[World], Iterator[Verdict]]

TIPS = {
    "identities": 1,
    "roles": 2,
    "sprawl": 3,
    "privilege": 4,
    "conditions": 5,
    "resource_policies": 6,
    "organizations": 7,
    "unused": 8,
    "anonymous": 9,
}
HEADINGS = ("Why it matters", "How to fix it")
OPTIONAL_HEADINGS = ("How to fix it in CloudFormation", "What it leaves alone", "When it cannot tell")

_MARK = regex(r"#\s*(bad|undecided)\b")


class Example(Struct, frozen=True):
    """A piece of Terraform that shows the rule at work; it is a test and it is printed in the rule's page.

    Blocks that the rule must report carry a mark, `# bad` or `# undecided`, on one of their lines; an example
    without marks is one that the rule must leave alone. `because` says in one clause what it shows. `before` is what there was
    before a change, for rules about what a change takes away; blocks that are gone carry their marks there.
    """

    terraform: str
    because: str = ""
    before: str = ""

    @property
    def verdict(self) -> str:
        """`bad`, `undecided` or `good`: the worst mark that stands in it."""
        marks = set(_MARK.findall(self.before + self.terraform))
        return "bad" if "bad" in marks else "undecided" if marks else "good"


class Rule(Struct, frozen=True, kw_only=True):
    """A rule with everything about it. The texts, from `summary` on, come from the docstring of its module.

    `template_fix` is the remedy for templates; empty if `fix` serves them as well, or if no template can break the rule.
    """

    code: str
    name: str
    tip: int
    severity: Severity
    confidence: Confidence
    references: tuple[str, ...]
    controls: tuple[str, ...]
    examples: tuple[Example, ...]
    summary: str
    why: str
    fix: str
    notes: str
    check: Check
    module: str
    uncertain: str = ""
    includes: tuple[str, ...] = ()
    template_fix: str = ""
    leaves: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()

    def remedy(self, *, in_template: bool) -> str:
        """How to fix it, in the language of the input."""
        return (in_template and self.template_fix) or self.fix


def rule(  # noqa: PLR0913  keywords only: the facts about a rule
    *,
    code: str,
    severity: Severity,
    references: tuple[str, ...],
    examples: tuple[Example, ...],
    confidence: Confidence = Confidence.HIGH,
    controls: tuple[str, ...] = (),
    includes: tuple[str, ...] = (),
    leaves: tuple[str, ...] = (),
    tells: tuple[str, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of a check function.

    `severity` is the default; a `Violation` may raise or lower it. `references` are addresses of the pages it rests on,
    `controls` names of benchmark controls ("CIS 1.15 (v3: 1.16)", "Security Hub IAM.1", "CWE-250"). `includes` are codes of
    rules that a violation of this one says more than: they are no news after a change that takes this one away. `leaves` are codes
    of rules that are no news after a change that only narrows the statements of this one. `tells` are codes of rules that say the same
    fault in other words, of which this one is the more telling (see `together.told_once`). The name comes
    from the file's name, the tip from its folder, the text from the module's docstring: a one-line summary, then the
    sections `## Why it matters`, `## How to fix it` and, if wanted, `## How to fix it in CloudFormation`,
    `## What it leaves alone` and `## When it cannot tell`. A remedy whose code is Terraform needs the section for
    CloudFormation, unless no template can break the rule; its code, fenced as `yaml`, is resources by their logical ids, or a
    list of statements of a policy.

    Raises DefectError when the docstring lacks a section, has one of another name, or the code does not belong to the folder.
    """

    def make(check: Check) -> Rule:
        module = check.__module__
        folder, name = module.split(".")[-2:]
        sections = _sections(check.__globals__.get("__doc__") or "", module)
        tip = TIPS[folder]
        if not (len(code) == len("IAM000") and code.startswith(f"IAM{tip}") and code[3:].isdecimal()):
            message = f"{module}: {code} does not belong to tip {tip}"
            raise DefectError(message)
        return Rule(
            code=code,
            name=name.replace("_", "-"),
            tip=tip,
            severity=severity,
            confidence=confidence,
            references=references,
            controls=controls,
            includes=includes,
            examples=examples,
            summary=sections[""],
            why=sections["Why it matters"],
            fix=sections["How to fix it"],
            notes=sections.get("What it leaves alone", ""),
            check=check,
            module=module,
            uncertain=sections.get("When it cannot tell", ""),
            template_fix=sections.get("How to fix it in CloudFormation", ""),
            leaves=leaves,
            tells=tells,
        )

    return make


def _sections(docstring: str, module: str) -> dict[str, str]:
    summary, *rest = docstring.split("\n## ")
    sections = {"": summary.strip()}
    for section in rest:
        title, _, body = section.partition("\n")
        sections[title.strip()] = body.strip()
    for heading in HEADINGS:
        if not sections.get(heading):
            message = f'{module}: its docstring lacks the section "## {heading}"'
            raise DefectError(message)
    for heading in sections:
        if heading not in ("", *HEADINGS, *OPTIONAL_HEADINGS):
            message = f'{module}: its docstring has an unknown section "## {heading}"'
            raise DefectError(message)
    if not sections[""] or "\n\n" in sections[""]:
        message = f"{module}: its docstring must open with one paragraph that states the fault"
        raise DefectError(message)
    return sections
