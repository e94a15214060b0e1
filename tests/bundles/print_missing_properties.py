"""Prints what MONAI's own check finds missing in a workflow, as JSON; the arguments are those of `ConfigWorkflow`."""

from __future__ import annotations

import json
import sys

from monai.bundle import ConfigWorkflow

if __name__ == "__main__":
    workflow = ConfigWorkflow(**json.loads(sys.argv[1]))
    workflow.initialize()
    print(json.dumps(workflow.check_properties()))
