"""Templates: `${...}` in a step, replaced by what the flow knows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from automation.smoke.people import Person
from components.contract import references

QUOTED = re.compile(r"'([^']*\$\{[^']*)'|\$\{([^}]*)\}")
"""A reference in SQL: within a quoted literal, which then is one parameter, or on its own."""


class UnknownValue(LookupError):
    """A template names something that the flow does not know (yet)."""


@dataclass(frozen=True)
class Scope:
    """What templates of one step see: `unique`, every user, and the acting user's values first."""

    unique: str
    people: Mapping[str, Person]
    acting: Person

    def value(self, name: str) -> object:
        """Return the value of a reference, with its type. Raise UnknownValue without one."""
        owner, dot, attribute = name.partition(".")
        if name == "unique":
            return self.unique
        if dot and owner in self.people:
            return self._of(self.people[owner], attribute, name)
        others = [person for person in self.people.values() if person is not self.acting]
        for person in (self.acting, *others):
            if name in person.extracted:
                return person.extracted[name]
        raise UnknownValue(f"unknown value ${{{name}}}")

    def resolve(self, template: object) -> object:
        """Replace references in strings, lists and mappings; a lone reference keeps its type."""
        if isinstance(template, str):
            alone = references.PATTERN.fullmatch(template)
            return self.value(alone.group(1).strip()) if alone else self.text(template)
        if isinstance(template, Mapping):
            return {self.text(str(key)): self.resolve(item) for key, item in template.items()}
        if isinstance(template, list | tuple):
            return [self.resolve(item) for item in template]
        return template

    def text(self, template: str) -> str:
        """Replace references by the text of their values."""
        return references.PATTERN.sub(
            lambda found: as_text(self.value(found.group(1).strip())), template
        )

    def path(self, template: str) -> str:
        """Resolve a path; values within it are quoted, so that none adds a segment or a query."""
        alone = references.PATTERN.fullmatch(template)
        if alone:
            return as_text(self.value(alone.group(1).strip()))
        return references.PATTERN.sub(
            lambda found: quote(as_text(self.value(found.group(1).strip())), safe=""), template
        )

    def sql(self, statement: str) -> tuple[str, list[object]]:
        """Turn references into parameters in psycopg's style: no value becomes part of the SQL."""
        parameters: list[object] = []
        parts: list[str] = []
        end = 0
        for found in QUOTED.finditer(statement):
            literal, name = found.groups()
            parameters.append(self.text(literal) if literal else self.value(name.strip()))
            parts += [statement[end : found.start()].replace("%", "%%"), "%s"]
            end = found.end()
        rest = statement[end:]
        return "".join(parts) + rest.replace("%", "%%"), parameters

    def hidden(self) -> Iterator[tuple[str, str]]:
        """Yield what must not be shown, with the name to show instead."""
        for person in self.people.values():
            yield person.password, f"${{{person.name}.password}}"
            for name, value in person.extracted.items():
                if isinstance(value, str):
                    yield value, f"${{{person.name}.{name}}}"
            for cookie in person.client.cookies.jar:
                yield cookie.value or "", f"[cookie of {person.name}]"

    @staticmethod
    def _of(person: Person, attribute: str, name: str) -> object:
        if attribute == "email":
            return person.email
        if attribute == "password":
            return person.password
        if attribute in person.extracted:
            return person.extracted[attribute]
        raise UnknownValue(f"unknown value ${{{name}}}")


def as_text(value: object) -> str:
    """Write a JSON value as it would stand in a URL: `true`, not `True`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
