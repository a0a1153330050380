"""Examples and exit codes, as the command line shows them below its options."""

EPILOG = """\b
Examples:
  slipway up development                 deploy what changed, or say that nothing did
  slipway preview staging                show what would change, touch nothing
  slipway status production --json       what is live now, for machines
  slipway rollback production            back to the previous release
  slipway init --app ../shop             write specifications for another application

\b
Exit codes:
  0 deployed or unchanged   3 blocked     4 somebody else is deploying   5 build failed
  6 rolled back             7 failed      2 wrong usage                  130 interrupted
"""

FREEZE_EXAMPLES = """\b
Examples:
  slipway freeze production "the sale ends on Monday"
  slipway unfreeze production
"""
UNFREEZE_EXAMPLES = """\b
Example:
  slipway unfreeze production --json
"""
MANIFESTS_EXAMPLES = """\b
Examples:
  slipway manifests staging -o deploy                       everything, into the folder deploy
  slipway manifests staging -o deploy --format kubernetes   the cluster's objects alone
"""
