"""What keys mean, in the words of the documentation; a test sees that none is missing."""

from typing import Final

_SERVICE: Final = {
    "path": "Folder of the service, from the application's root.",
    "install": "Command that installs dependencies. Unset: follows from the lock file.",
    "build": "Command that builds. Unset: follows from `kind`.",
    "start": "Command that starts a replica. Unset: follows from `kind` or `application`.",
    "port_variable": "Environment variable that tells a replica its port.",
    "variables": "Environment variables, by name: letters, digits and `_`. Values may hold "
    "references.",
    "required_variables": "Variables that must have a value before anything is touched.",
    "health": "Path that answers 200 while the process is alive. `null`: a listening port counts.",
    "start_seconds": "How long a replica may take to start, if that is longer than "
    "`slipway:healthTimeoutSeconds`; in a cluster the startup probe.",
    "drain_seconds": "How long a replica may take to finish its requests when it is stopped.",
    "exclude": "Shell patterns of files that are no input of the build.",
}

KEYS: Final[dict[str, dict[str, str]]] = {
    "Specification": {
        "name": "Name of the application; part of the public host name.",
        "version": "Version, at most 64 letters, digits and `.+_-`. Unset: that of "
        "`pyproject.toml` or `package.json`, else 0.0.0.",
        "environments": "Environments that the application may be deployed to.",
        "frontend": "The frontend. Unset: there is none.",
        "backend": "The backend. Unset: there is none.",
        "secrets": "Secrets that the application needs, by name: letters, digits and `_`.",
        "database": "The database. Unset: the application gets none.",
        "smoke": "Smoke flows, in the order in which they run.",
        "load": "Requests of the load, as `GET /path` or `/path`. Unset: the health paths.",
        "thresholds": "When to raise an alarm.",
        "rollback": "The way back, for people.",
        "external_services": "`host:port` of services that must accept a connection.",
    },
    "Frontend": {
        **_SERVICE,
        "kind": "A Next.js server, another Node.js server, or files.",
        "output": "`static`: folder with the built files, from `path`.",
        "workspace": "Root of the monorepo that `path` is in.",
    },
    "Backend": {
        **_SERVICE,
        "application": "ASGI application as `module:attribute`. Needed unless `start` is set.",
        "route": "Public path that leads to the backend.",
        "strip_route": "Remove `route` from the path before the backend sees it.",
        "ready": "Path that answers 200 while the backend can work, database included.",
        "metrics": "Path of metrics in Prometheus' format, from the replica's root.",
        "requirements": "File of requirements, from `path`. Unset: it is looked for.",
    },
    "Secret": {
        "generate": "Number of characters to make, once. Unset: a person gives the value.",
        "description": "What it is for.",
    },
    "Database": {
        "schema_owner": "Who creates tables: the migrations' role, or the application itself.",
        "migrations": "Where Alembic is. Unset: there are no migrations.",
    },
    "Migrations": {
        "config": "Alembic's configuration file, from the application's root.",
        "path": "Folder that Alembic runs in, from the application's root.",
        "scripts": "Folder with `env.py`, from the application's root.",
    },
    "Thresholds": {
        "error_rate_percent": "Failed requests.",
        "error_rate_minutes": "For so long, 1 to 1440, as all minutes here.",
        "p95_milliseconds": "Response time that 95 % of the requests stay below.",
        "p95_minutes": "For so long.",
        "cpu_percent": "Use of the processors.",
        "cpu_minutes": "For so long.",
        "memory_percent": "Use of the memory.",
        "memory_minutes": "For so long.",
        "connection_pool_percent": "Use of the database's connections.",
        "connection_pool_minutes": "For so long.",
    },
    "Rollback": {
        "procedure": "Steps that the rollback plan shows to people.",
        "triggers": "Reasons to go back that the rollback plan names.",
    },
    "Flow": {
        "name": "Name, unique among the flows.",
        "category": "Where the report counts it.",
        "severity": "A failed flow that is critical or high takes the deployment back.",
        "users": "People who are made up for this flow. The first acts unless `as` is set.",
        "steps": "Steps. The first that fails ends the flow.",
    },
    "Step": {
        "request": "`METHOD /path`, through the public address.",
        "as": "User who acts: whose cookies are sent, whose extracted values count first.",
        "headers": "Headers of the request.",
        "json": "Body, as JSON.",
        "form": "Body, as a form.",
        "expect": "What the answer must be.",
        "extract": "Names for later steps, to JMESPath expressions on the answer.",
        "query": "SQL that is run read-only as the application's role, instead of `request`.",
        "rows": "Rows that the query must return.",
    },
    "Expect": {
        "status": "Status, or several of which one must be met.",
        "json": "JMESPath expressions, to the values that they must have.",
        "headers": "Headers with their values; what follows a semicolon may be left out.",
        "contains": "Text that the body must contain.",
    },
}
"""Shape -> key -> meaning."""

REPORT_SECTIONS: Final = {
    "meta": "Deployment, version, commit, time, who, environment.",
    "pre_deployment_validation": "Every check with its verdict, and what blocked.",
    "build": "Both builds and the migrations: status, time, artifact, log.",
    "deployment_strategy": "Strategy, its configuration, and how to go back.",
    "deployment": "Where each service runs, its addresses and replicas; the database's backup.",
    "environment": "How many variables and secrets, and the file that lists them.",
    "post_deployment_verification": "Health, smoke flows, functionality, response times.",
    "rollback": "Whether the way back was taken, why, and how long it took.",
    "issues_encountered": "What went wrong, with its resolution.",
    "deployment_artifacts": "Paths of artifacts and manifest, and the migration's revision.",
    "monitoring_setup": "Monitoring as it was seen at work.",
    "overall_status": "The verdict. `outcome` is the word that the exit code stands for.",
    "recommendations": "What to do: now, soon, later.",
    "evidence": "What the others rest on: steps, slots, the probe second by second, the way back.",
    "details": "Dotted path of each null, to the reason for it.",
}
"""Section of the report -> what it holds."""
