"""The published JSON Schema in the hands of another program: every config of the repository is valid under
it, and every one of them with a mistake is not. Editors that know nothing of `medallion lsp` rely on this.

Without arguments; needs jsonschema and PyYAML, no network. Exit code 1 and what is wrong, or 0.
"""

import copy
import json
import pathlib
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "configs/schema/medallion.schema.json"


class Core(yaml.SafeLoader):
    """YAML 1.2 as far as configs use it: dates are texts, and so are `on`, `off`, `yes` and `no`."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(?:true|false)$"), list("tf"))


def mistakes(config):
    """The config with one mistake each, and what it is."""
    for name, change in [
        ("an unknown key", lambda c: c.update(sorces=[])),
        ("a number for a list", lambda c: c.update(sources=7)),
        ("an unknown key in a source", lambda c: c["sources"][0]["source"].update(tabel="x")),
        ("no table", lambda c: c["sources"][0]["source"].pop("table")),
        ("an unknown type", lambda c: c["sources"][0]["source"].update(type="fiel")),
        ("no section of the type", lambda c: c["sources"][0]["source"].pop(c["sources"][0]["source"]["type"])),
    ]:
        wrong = copy.deepcopy(config)
        change(wrong)
        yield name, wrong


def main():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems, checked = [], 0
    for path in sorted((ROOT / "configs").rglob("*.y*ml")):
        name = path.relative_to(ROOT)
        # A template is no YAML before its blanks are filled in; the engine's tests do that.
        if "templates" in name.parts:
            continue
        config = yaml.load(path.read_text(encoding="utf-8"), Loader=Core)
        for error in validator.iter_errors(config):
            problems.append(f"{name}: {error.json_path}: {error.message[:200]}")
        # Parents and overlays are parts of configs, and have no source to make a mistake in.
        if not isinstance(config.get("sources"), list) or "source" not in config["sources"][0]:
            continue
        for mistake, wrong in mistakes(config):
            if validator.is_valid(wrong):
                problems.append(f"{name} with {mistake} is valid")
        checked += 1
    if checked == 0:
        problems.append("there is no config to check")
    print("\n".join(problems) if problems else f"{checked} configs, each also with its mistakes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
