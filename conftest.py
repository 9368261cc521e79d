"""Loads the plugin, nothing else."""

pytest_plugins = ["synthetic.pytest_plugin"]
