"""What a dump leaves out: who may connect to a database, and what is set for it."""

import psycopg
from psycopg import sql


def copy_privileges(server: psycopg.Connection, name: str, like: str) -> None:
    """Let those connect to a database who may connect to another one."""
    revoke = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC")
    server.execute(revoke.format(sql.Identifier(name)))
    query = """
        SELECT acl.privilege_type, acl.grantee::regrole::text, acl.grantee = 0
        FROM pg_database, aclexplode(datacl) acl WHERE datname = %s"""
    for privilege, role, everybody in server.execute(query, (like,)).fetchall():
        grantee = sql.SQL("PUBLIC") if everybody else sql.SQL(role)  # regrole is quoted already
        grant = sql.SQL(f"GRANT {privilege} ON DATABASE {{}} TO {{}}")
        server.execute(grant.format(sql.Identifier(name), grantee))


def copy_settings(server: psycopg.Connection, name: str, like: str) -> None:
    """Give a database the settings of another one, and those of roles on it."""
    query = """
        SELECT s.setrole, s.setrole::regrole::text, split_part(one, '=', 1),
               substr(one, strpos(one, '=') + 1)
        FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase,
             unnest(s.setconfig) one
        WHERE d.datname = %s"""
    for role, quoted, key, value in server.execute(query, (like,)).fetchall():
        database = sql.Identifier(name)
        whom = (
            sql.SQL(f"ROLE {quoted} IN DATABASE {{}}").format(database)
            if role
            else sql.SQL("DATABASE {}").format(database)
        )
        with server.transaction():
            # Set here first: a list, such as a search path, must not become one quoted word.
            server.execute("SELECT set_config(%s, %s, true)", (key, value))
            setting = sql.SQL("ALTER {} SET {} FROM CURRENT")
            server.execute(setting.format(whom, sql.Identifier(key)))
