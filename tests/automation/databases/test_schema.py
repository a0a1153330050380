"""The text that two schemas are compared by."""

from automation.databases.schema import difference, normalised

TABLE = """\
--
-- Name: entries; Type: TABLE; Schema: public; Owner: owner
--

CREATE TABLE public.entries (
    id bigint NOT NULL,
{columns}
);


ALTER TABLE public.entries OWNER TO owner;
"""


def shown(*columns: str) -> str:
    return normalised(TABLE.format(columns=",\n".join(f"    {each}" for each in columns)))


def test_the_order_of_columns_is_no_difference_whoever_owns_the_table():
    assert (
        difference(shown("memo text", "extra integer"), shown("extra integer", "memo text")) == ()
    )


def test_a_column_of_another_type_is_one():
    found = difference(shown("memo text"), shown("memo integer"))

    assert found[0].strip().startswith("-") or found[1].strip().startswith("-")
    assert any("memo integer" in line for line in found)


def test_a_database_without_anything_has_an_empty_schema():
    assert normalised("SET lock_timeout = 0;\n") == ""
