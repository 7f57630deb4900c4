"""Terraform's own provider makes, changes and takes away everything around a function, and sees no drift in between.

Needs `terraform`, and the provider in a local mirror (TERRAFORM_PLUGINS): nothing is fetched here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from system.harness import RUNTIME, environ, zipped

if TYPE_CHECKING:
    from system.harness import Server

_TERRAFORM = shutil.which("terraform")
_PLUGINS = Path(os.environ.get("TERRAFORM_PLUGINS", Path.home() / ".terraform.d" / "plugins"))
_PROVIDER = next(_PLUGINS.glob("*/hashicorp/aws/5.100.0/*"), None)
_NO_CHANGE = 0
_FUNCTION = """
import os
import words

def handler(event, context):
    version = context.function_version
    return {"said": words.SAID, "code": %d, "variable": os.environ["STEP"], "event": event, "version": version}
"""

pytestmark = [
    pytest.mark.skipif(_TERRAFORM is None, reason="terraform is not installed"),
    pytest.mark.skipif(_PROVIDER is None, reason="no mirror with the provider hashicorp/aws 5.100.0"),
]


class Terraform:
    """A folder with the configuration, and the commands on it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder = folder
        settings = folder / "settings.tfrc"
        settings.write_text(f'provider_installation {{\n  dev_overrides {{ "hashicorp/aws" = "{_PROVIDER}" }}\n}}\n')
        self._variables = environ() | {
            "CHECKPOINT_DISABLE": "1",
            "GOGC": "400",
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_endpoint": server.endpoint,
            "TF_VAR_runtime": RUNTIME,
            "AWS_CONFIG_FILE": str(folder / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        }
        shutil.copy(Path(__file__).with_name("lambda.tf"), folder)
        (folder / "layer.zip").write_bytes(zipped("SAID = 'from the layer'\n", "python/words.py"))
        for step in (1, 2):
            (folder / f"function-{step}.zip").write_bytes(zipped(_FUNCTION % step))

    def apply(self, step: int) -> dict[str, Any]:
        """Make the world so; the outputs."""
        # What is there was looked at a moment ago, by `drift`.
        self.run("apply", "-auto-approve", "-refresh=false", f"-var=step={step}")
        state = json.loads((self._folder / "terraform.tfstate").read_text())
        return {name: output["value"] for name, output in state["outputs"].items()}

    def drift(self, step: int) -> str:
        """What Terraform would do now; nothing where all is as it was asked for."""
        planned = self.run("plan", "-detailed-exitcode", f"-var=step={step}", expected=(_NO_CHANGE, 2))
        return "" if planned.returncode == _NO_CHANGE else planned.stdout

    def destroy(self, step: int) -> None:
        """Take all away."""
        self.run("destroy", "-auto-approve", "-refresh=false", f"-var=step={step}")

    def run(self, command: str, *flags: str, expected: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """One command; AssertionError with all it said where its exit status is another."""
        done = subprocess.run(
            [str(_TERRAFORM), command, "-no-color", "-input=false", *flags],
            check=False,
            capture_output=True,
            text=True,
            env=self._variables,
            cwd=self._folder,
        )
        assert done.returncode in expected, f"terraform {command}:\n{done.stdout}\n{done.stderr}"
        return done


def test_a_configuration_is_applied_changed_and_destroyed_without_drift(server: Server, tmp_path: Path) -> None:
    terraform = Terraform(tmp_path, server)
    client = server.client()

    first = terraform.apply(1)
    assert first["answer"] == {
        "said": "from the layer",
        "code": 1,
        "variable": "1",
        "event": {"step": 1},
        "version": "1",
    }
    assert first["url"].startswith(("http://", "https://"))
    assert terraform.drift(1) == ""

    second = terraform.apply(2)
    assert (second["answer"]["code"], second["answer"]["variable"], second["version"]) == (2, "2", "2")
    assert terraform.drift(2) == ""
    alias = client.get_alias(FunctionName="worker", Name="live")
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.25}}
    assert client.get_function(FunctionName="worker")["Tags"] == {"stage": "two", "team": "blue"}

    terraform.destroy(2)
    assert client.list_functions()["Functions"] == []
    assert client.list_layers()["Layers"] == []
    assert client.list_code_signing_configs()["CodeSigningConfigs"] == []
    with pytest.raises(ClientError, match="cannot be found"):
        server.client("iam").get_role(RoleName="worker")
    assert server.client("logs").describe_log_groups()["logGroups"] == []
