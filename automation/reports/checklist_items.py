"""The items of the three checklists, and of which of them nobody can see anything.

An item's key is how a check says which item it is evidence for.
"""

from collections.abc import Mapping
from typing import Final

Items = Mapping[str, Mapping[str, str]]
"""group -> key of the item -> its text"""

PRE_DEPLOYMENT: Final[Items] = {
    "Requirements": {
        "features_complete": "All feature implementations are complete",
        "tests_pass": "All tests pass (unit, integration, e2e)",
        "review_approved": "Code review is approved",
        "no_critical_issues": "No critical issues remaining",
    },
    "Environment configuration": {
        "variables_defined": "All required environment variables are defined",
        "secrets_available": "Secrets are available and accessible",
        "database_connection": "Database connection is valid",
        "external_services": "External services are accessible",
    },
    "Infrastructure": {
        "environment_provisioned": "Target environment is provisioned",
        "resources_available": "Resources are available (servers, databases, storage)",
        "network_configured": "Network configuration is correct",
        "certificates_valid": "SSL certificates are valid",
    },
    "Compatibility": {
        "versions_compatible": "Frontend and backend versions are compatible",
        "schema_compatible": "Database schema changes are compatible with existing data",
        "api_compatible": "API contracts are backward compatible",
        "dependencies_secure": "Dependencies are up-to-date and secure",
    },
}

POST_DEPLOYMENT: Final[Items] = {
    "Application health": {
        "health_endpoints": "Health check endpoints answer (frontend and backend)",
        "services_running": "All services are running",
        "resource_usage": "Resource usage was checked (CPU, memory, disk)",
        "logs_clean": "Logs show no errors",
    },
    "Functionality": {
        "core_flows": "Core user flows work",
        "api_endpoints": "API endpoints answer",
        "database_queries": "Database queries work",
        "authorization": "Authentication and authorization work",
        "user_isolation": "Data of several users is isolated",
    },
    "Performance": {
        "response_times": "Response times were checked",
        "error_rates": "Error rates were checked",
        "resource_utilization": "Resource utilization was checked",
        "baseline_compared": "Compared to the baseline (previous deployment)",
    },
    "Monitoring and observability": {
        "metrics_collected": "Metrics are being collected",
        "logs_shipped": "Logs are being sent to the logging service",
        "alerts_configured": "Alerts are configured",
        "dashboards_display": "Dashboards are displaying data",
    },
    "Smoke tests": {
        "critical_paths": "Critical user paths",
        "authentication_flow": "Authentication flow (login, logout, token refresh)",
        "crud_operations": "CRUD operations (create, read, update, delete)",
        "error_handling": "Error handling (invalid data, errors)",
        "multi_user": "Multi-user scenarios (user isolation)",
    },
    "Data consistency": {
        "data_persisted": "Data is correctly persisted",
        "data_isolated": "User data is isolated",
        "relationships": "Relationships are correct",
        "constraints": "Constraints are enforced",
    },
    "Integrations": {
        "database_connectivity": "Database connectivity",
        "external_integrations": "External API integrations (if any)",
        "authentication_provider": "Authentication provider",
        "email_services": "Email services (if sending notifications)",
    },
}

MONITORING: Final[Items] = {
    "Monitoring": {
        "application_monitoring": "Application performance monitoring (APM)",
        "infrastructure_monitoring": "Infrastructure monitoring (CPU, memory, disk, network)",
        "database_monitoring": "Database monitoring (connections, queries, performance)",
        "api_monitoring": "API monitoring (response times, error rates)",
    },
    "Alerting": {
        "alert_errors": "Alerts for critical errors",
        "alert_error_rate": "Alerts for high error rates",
        "alert_performance": "Alerts for performance degradation",
        "alert_resources": "Alerts for resource exhaustion",
        "alert_database": "Alerts for database issues",
    },
    "Observability": {
        "tracing": "Distributed tracing",
        "log_aggregation": "Log aggregation and search",
        "dashboards": "Dashboards for monitoring",
        "channels": "Alert notification channels (email, Slack, PagerDuty)",
    },
}

KEYS: Final = frozenset(
    key
    for items in (PRE_DEPLOYMENT, POST_DEPLOYMENT, MONITORING)
    for group in items.values()
    for key in group
)
"""Every key; each is in one list only."""

UNSEEN: Final[Mapping[str, str]] = {
    "environment_provisioned": "step provision makes what is missing, and says so",
    "certificates_valid": "step verify asks the public address, and refuses a wrong certificate",
    "versions_compatible": "both services are built and go live as one release",
    "schema_compatible": "the rehearsal of a migration tells: `evidence.migration` of the report",
    "api_compatible": "descriptions of APIs are not compared; smoke flows are run on both releases",
    "logs_shipped": "whether logs arrive at another place is not looked at",
    "dashboards_display": "dashboards are declared; whether they show anything is not looked at",
    "relationships": "the database enforces them; only the application's own flows try them",
    "constraints": "the database enforces them; only the application's own flows try them",
    "email_services": "a deployment sends no mail of the application",
    "application_monitoring": "whether its numbers arrive is not looked at",
    "infrastructure_monitoring": "whether its numbers arrive is not looked at",
    "database_monitoring": "whether its numbers arrive is not looked at",
    "api_monitoring": "whether its numbers arrive is not looked at",
    "alert_errors": "there is no rule for a single error, only for their rate",
    "tracing": "Slipway sets up no tracing",
    "log_aggregation": "whether logs can be searched is not looked at",
    "channels": "that an alert arrives is not proven: send a test alert",
}
"""Why nobody looks at an item during a deployment: never ticked, never hidden."""
