"""The schema as a migration's statements change it, one after the other."""

from collections.abc import Sequence

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg

from automation.migrations.catalogue import Catalogue, Table


def name_of(relation: ast.RangeVar | None) -> str:
    """Return a table's name as the catalogue has it."""
    if relation is None or not relation.relname:
        return "?"
    schema = relation.schemaname
    return f"{schema}.{relation.relname}" if schema and schema != "public" else relation.relname


def dotted(parts: Sequence[ast.AstNode]) -> str:
    """Return a qualified name as the catalogue has it; its parts are the parser's strings."""
    names = [part.sval for part in parts if isinstance(part, ast.String)]
    if len(names) > 1 and names[-2] in ("public", "pg_catalog"):
        names = names[-1:]
    return ".".join(names)


class Schema:
    """What is there at a statement: the live catalogue, and what this migration made of it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._names = {name: name for name in catalogue.tables}
        self.made: set[str] = set()
        self.columns: set[tuple[str, str]] = set()
        self.checked: set[tuple[str, str]] = set()
        self.checks: dict[str, tuple[str, str]] = {}
        self.enums = dict(catalogue.enums)
        self.volatile = catalogue.volatile
        self.fresh_labels: set[str] = set()

    def table(self, name: str) -> Table | None:
        """Return a table of the live database, whatever the migration named it since."""
        return self._catalogue.tables.get(self._names.get(name, name))

    def open_for(self, name: str) -> float:
        """Return for how long a transaction has been using a table; 0 where none is slow."""
        return self._catalogue.open_for.get(self._names.get(name, name), 0.0)

    def labels_of(self, type_name: str) -> tuple[str, ...] | None:
        """Return the values that an enum of the live database has; None where it is no enum."""
        return self._catalogue.enums.get(type_name)

    def is_new(self, name: str) -> bool:
        """Tell whether this migration made the table: nobody uses it yet."""
        return name in self.made

    def table_of_index(self, name: str) -> str:
        """Return the table of an index of the live database, or a question mark."""
        return self._catalogue.indexes.get(name, "?")

    def learn(self, node: ast.AstNode) -> None:
        """Take in what a statement makes."""
        if isinstance(node, ast.CreateStmt):
            self.made.add(name_of(node.relation))
        elif isinstance(node, ast.CreateTableAsStmt) and node.into is not None:
            self.made.add(name_of(node.into.rel))
        elif isinstance(node, ast.CreateEnumStmt):
            labels = (each.sval for each in node.vals if isinstance(each, ast.String))
            self.enums[dotted(node.type_name)] = tuple(labels)
        elif isinstance(node, ast.RenameStmt):
            self._renamed(node)

    def _renamed(self, node: ast.RenameStmt) -> None:
        if node.rename_type == pg.OBJECT_TABLE:
            old = name_of(node.relation)
            self._names[node.newname] = self._names.get(old, old)
            if old in self.made:
                self.made.add(node.newname)
        elif node.rename_type == pg.OBJECT_TYPE and isinstance(node.object, ast.List):
            labels = self.enums.get(dotted(node.object.items))
            if labels is not None:
                self.enums[node.newname] = labels
