"""The Pulumi program: settings and desired state become an application and its outputs."""

import gc

import pulumi

from components import settings
from components.application import Application
from components.contract.settings_file import SettingsInvalid
from components.platforms import UnknownPlatform

# What the SDKs of clouds consist of lives as long as the program: looking for garbage among it was
# a quarter of the time until the first resource.
gc.disable()

try:
    application = Application("application", settings.load())
except (SettingsInvalid, UnknownPlatform) as error:
    # The person at the terminal needs the key and the remedy, not where it was noticed.
    raise pulumi.RunError(str(error)) from None

for name, value in application.outputs().items():
    pulumi.export(name, value)
