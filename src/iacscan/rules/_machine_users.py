"""Which IAM users stand for machines, and where their access keys go."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from ..lazy import regex
from ..model.iam import AccessKey, KeyFlow, User
from ..policy.action import ActionSet
from ..policy.grant import allowed_actions
from ..value import Unknown
from ._rule import World


def words(text: str) -> frozenset[str]:
    """A set of words, written as a text."""
    return frozenset(text.split())


# Words of a name that speak of a machine by themselves.
_STRONG: Final = words(
    "ci cd cicd deploy deployer deployment bot robot github gitlab bitbucket jenkins circleci buildkite teamcity drone "
    "codefresh argocd spinnaker terraform tf tofu pulumi packer ansible automation pipeline runner svc service serviceaccount "
    "sa machine programmatic lambda ec2 ecs eks k8s kops velero cron worker smtp ses backup exporter datadog newrelic grafana "
    "prometheus loki fluentd logstash snowflake databricks fivetran stitch segment"
)
# Words that may (Travis is also a first name): an access key without a console password must say the same.
_WEAK: Final = words(
    "travis app application api web backend frontend server job build upload uploader sync reader writer s3 system sys monitor monitoring"
)
_BREAK_GLASS: Final = words("breakglass glass emergency")
_HUMAN_PATHS: Final = words("users people person human humans users staff employees")
_PEOPLE: Final = words("people person persons human humans staff employees engineers developers team members")
CONSUMERS: Final = ("compute", "ci")  # sinks of a key that are machines themselves
_TELLING_TAGS: Final = words("name type kind purpose")

_PIECES: Final = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[a-z]*\d[a-z\d]*", re.ASCII)
_SPLIT: Final = regex(r"[-_./@ +=,:]+")
_SYMBOL: Final = regex(r"⟦[^⟧]*⟧")
_FULL_NAME: Final = regex(r"[a-z]{2,}\.[a-z-]{2,}|[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)


def tokens(text: str) -> frozenset[str]:
    """The words of a name, in lower case: `githubDeploy-s3` gives github, deploy and s3, and both spellings of a compound."""
    found: set[str] = set()
    for part in _SPLIT.split(_SYMBOL.sub(" ", text)):
        found.add(part.lower())
        found.update(piece.lower() for piece in _PIECES.findall(part))
    return frozenset(found - {""})


class Machine(Struct, frozen=True):
    """A user that stands for a machine. `signs` say how one can tell; `words` are the words of its name.

    `certain` is False where nothing but a key without company tells.
    """

    user: User
    keys: tuple[AccessKey, ...]
    flows: tuple[KeyFlow, ...]
    signs: tuple[str, ...]
    words: frozenset[str]
    certain: bool


def active_keys(world: World, user: User) -> tuple[AccessKey, ...]:
    """Keys of the user that are not switched off."""
    return tuple(key for key in world.graph.keys_of(user) if key.status != "Inactive")


def machine(world: World, user: User) -> Machine | None:
    """Judge a user; None if it is a person's, a way in for emergencies, or nothing tells that it is a machine's."""
    if _is_human(world, user):
        return None
    known = _machine_words(user)
    strong, weak = _STRONG & known, _WEAK & known
    keys = active_keys(world, user)
    flows = tuple(flow for key in keys for flow in world.graph.flows_of(key))
    signs = []
    if strong or (weak and keys):
        signs.append(f"its name, path or tags say {', '.join(sorted(strong or weak))}")
    signs.extend(
        f"its key goes to {type_}" for type_ in sorted({flow.origin.type for flow in flows if flow.sink in CONSUMERS})
    )
    certain = bool(signs)
    if keys and not signs and not world.graph.groups_of(user):
        signs.append("it has an access key, and neither a console password nor a group")
    return Machine(user, keys, flows, tuple(signs), tokens(called(user)), certain) if signs else None


def may_be_machine(world: World, user: User) -> bool:
    """Whether only the missing name keeps a user from being judged: as far as can be seen, nobody can sign in with it."""
    graph = world.graph
    return (
        not is_name_known(user) and not _is_human(world, user) and not graph.groups_of(user) and not graph.keys_of(user)
    )


def is_break_glass(user: User) -> bool:
    """Whether a user is kept for emergencies, as its name says."""
    return bool(tokens(called(user)) & _BREAK_GLASS)


def is_name_known(user: User) -> bool:
    """Whether the whole name of a user is known."""
    return isinstance(user.name, str) and "⟦" not in user.name


def called(user: User) -> str:
    """The name of a user, as far as it tells who that is; empty if it is not known.

    CloudFormation puts the logical id into the names that it makes up.
    """
    if isinstance(user.name, str):
        return user.name
    return user.origin.address.rpartition("/")[2] if user.origin.is_template else ""


def _tags(user: User) -> dict[str, str]:
    return {key.lower(): value for key, value in user.tags if isinstance(value, str)}


def _machine_words(user: User) -> frozenset[str]:
    """Words of name, path and telling tags; of an e-mail address only what stands before the @."""
    name = called(user).partition("@")[0]
    tagged = " ".join(value for key, value in _tags(user).items() if key in _TELLING_TAGS)
    return tokens(f"{name} {user.path} {tagged}") & (_STRONG | _WEAK)


def _is_human(world: World, user: User) -> bool:
    name = called(user)
    if world.graph.login_profiles_of(user) or is_break_glass(user) or tokens(user.path) & _HUMAN_PATHS:
        return True
    if _tags(user).get("type", "").lower() in ("human", "person", "people"):
        return True
    if _machine_words(user):
        return False
    block = re.sub(r"\[[^\]]*\]", "", user.origin.address).rpartition(".")[2]
    return _FULL_NAME.fullmatch(name) is not None or bool(tokens(block) & _PEOPLE)


def sends_mail_only(world: World, found: Machine) -> bool:
    """Whether the keys are SMTP passwords of SES, for which there is no role: nothing else leaves, nothing else is allowed."""
    parts = {flow.part for flow in found.flows}
    if "ses_smtp_password_v4" not in parts or "secret" in parts:
        return False
    documents = world.access.documents(found.user)
    if not documents or any(isinstance(document, Unknown) for document in documents):
        return False
    mail = ActionSet.of(("ses:Send*",))
    return mail.covers(allowed_actions(documents, on_everything=False, certain=False))


def deliveries(world: World, sink: str) -> Iterator[tuple[AccessKey, list[KeyFlow]]]:
    """For each active key, and each block of one kind of sink that it reaches: the key and its flows into that block."""
    for key in world.estate.access_keys:
        if key.status == "Inactive":
            continue
        blocks: dict[str, list[KeyFlow]] = {}
        for flow in world.graph.flows_of(key):
            if flow.sink == sink:
                blocks.setdefault(flow.origin.address, []).append(flow)
        for flows in blocks.values():
            yield key, flows


def carries_secret(flows: Iterable[KeyFlow]) -> bool:
    """Whether more than the id of a key arrives; the id alone opens nothing."""
    return any(flow.part not in ("id", "encrypted_secret") for flow in flows)


def is_delivered(world: World, key: AccessKey) -> bool:
    """Whether one of the rules about compute, secret stores and continuous integration speaks about the key."""
    return any(
        flow.sink in ("compute", "store", "ci") and carries_secret((flow,)) for flow in world.graph.flows_of(key)
    )
