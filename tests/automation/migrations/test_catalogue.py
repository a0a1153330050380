"""What the live database says about its tables."""

import pytest

from automation.migrations import catalogue
from automation.migrations.catalogue import Catalogue, Column, observe

STATEMENTS = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE SCHEMA other;
CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(20) DEFAULT '', total numeric(10, 2),
                     mood mood, person int, CHECK (person IS NOT NULL));
CREATE TABLE other.orders (id int);
CREATE TABLE parts (id int) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (100);
INSERT INTO parts SELECT 1 FROM generate_series(1, 5000);
INSERT INTO orders SELECT i, 'x', 1, 'sad', 1 FROM generate_series(1, 5000) i;
CREATE INDEX notes ON orders (note);
ANALYZE;
"""


@pytest.fixture
def found(owner) -> Catalogue:
    with owner.connect() as connection:
        connection.execute(STATEMENTS)
    return observe(owner)


def test_tables_have_their_rows_and_sizes(found):
    orders = found.tables["orders"]

    assert orders.rows == 5000
    assert orders.bytes > 100_000
    assert orders.index_bytes > 50_000
    assert set(found.tables) == {"orders", "other.orders", "parts", "part"}


def test_a_partitioned_table_is_as_large_as_its_partitions(found):
    assert found.tables["parts"].bytes == found.tables["part"].bytes > 0


def test_columns_have_their_types_and_whether_they_may_be_null(found):
    columns = found.tables["orders"].columns

    assert columns["id"] == Column(type="bigint", required=True)
    assert columns["note"] == Column(type="character varying(20)", default=True)
    assert columns["total"].type == "numeric(10,2)"
    assert columns["person"] == Column(type="integer", checked=True)


def test_enums_indexes_and_functions_are_known(found):
    assert found.enums == {"mood": ("sad", "glad")}
    assert found.indexes["notes"] == "orders"
    assert {"gen_random_uuid", "random", "clock_timestamp"} <= found.volatile
    assert "now" not in found.volatile


def test_an_empty_table_that_was_never_counted_has_no_rows(owner):
    with owner.connect() as connection:
        connection.execute("CREATE TABLE fresh (id int)")
        connection.execute("ALTER TABLE fresh SET (autovacuum_enabled = off)")

    assert observe(owner).tables["fresh"].rows == 0


def test_a_transaction_that_has_been_open_for_long_is_seen_with_its_table(found, owner, admin):
    with owner.connect(autocommit=False) as slow, admin.connect() as other:
        slow.execute("SELECT * FROM orders LIMIT 1")
        seen = dict(other.execute(catalogue.SLOW).fetchall())
        assert seen["orders"] > 0
        # It is not slow yet.
        assert observe(admin).open_for == {}


def test_without_a_database_there_is_nothing():
    assert observe(None) == Catalogue()
