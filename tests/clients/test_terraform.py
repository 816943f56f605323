"""Terraform with AWS's provider: the configuration in tests/terraform is applied, changed in place, imported and destroyed.

Needs `terraform` and a folder with the provider hashicorp/aws 5.x, in the layout of a filesystem mirror: one that Terraform looks
into by itself, a folder of /opt, or the one that TOLLGATE_TERRAFORM_PLUGINS names. Nothing is fetched.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import client_of
from http_client import call
from program import ROOT, Tollgate

PROVIDER = "registry.terraform.io/hashicorp/aws"
# Words of a configuration that no answer of AWS's holds: what is imported does not know them.
NOT_READ_BACK = {
    "aws_api_gateway_rest_api.imported": {"body", "put_rest_api_mode"},
    "aws_api_gateway_account.this": {"reset_on_delete"},
}


def plugins():
    home = Path.home()
    named = os.environ.get("TOLLGATE_TERRAFORM_PLUGINS")
    places = [Path(named)] if named else []
    places += [home / ".terraform.d/plugins", home / ".local/share/terraform/plugins"]
    places += [Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins"), *Path("/opt").glob("*")]
    return next((place for place in places if list((place / PROVIDER).glob("5.*"))), None)


TERRAFORM, PLUGINS = shutil.which("terraform"), plugins()


class Terraform:
    """A working copy of the configuration."""

    def __init__(self, tollgate, folder, of="."):
        self.folder = folder
        for file in (ROOT / "tests/terraform" / of).glob("*.tf"):
            shutil.copy(file, folder)
        self.environment = tollgate.environment(TF_CLI_CONFIG_FILE=os.devnull, CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")

    def run(self, *arguments, allowed=(0,)):
        line = [TERRAFORM, *arguments]
        done = subprocess.run(line, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode in allowed, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def apply(self, word):
        self.run("apply", "-no-color", "-input=false", "-auto-approve", "-var", f"word={word}")

    def planned(self, word):
        """What would be done to each resource, without what is left as it is."""
        self.run("plan", "-no-color", "-input=false", "-out=plan", "-var", f"word={word}")
        changes = json.loads(self.run("show", "-json", "plan")).get("resource_changes", [])
        return {it["address"]: it["change"] for it in changes if it["change"]["actions"] not in (["no-op"], ["read"])}

    def resources(self):
        state = json.loads(self.run("show", "-json"))
        found = state["values"]["root_module"]["resources"]
        return {it["address"]: it["values"] for it in found if it["mode"] == "managed"}

    def found(self):
        return json.loads(self.run("output", "-json", "found"))


def import_id(address, values):
    """The id by which the provider's documentation has a resource imported."""
    kind = address.split(".")[0].removeprefix("aws_api_gateway_")
    members = {
        "rest_api": ["id"],
        "rest_api_policy": ["rest_api_id"],
        "account": ["id"],
        "resource": ["rest_api_id", "id"],
        "method": ["rest_api_id", "resource_id", "http_method"],
        "integration": ["rest_api_id", "resource_id", "http_method"],
        "method_response": ["rest_api_id", "resource_id", "http_method", "status_code"],
        "integration_response": ["rest_api_id", "resource_id", "http_method", "status_code"],
        "model": ["rest_api_id", "name"],
        "request_validator": ["rest_api_id", "id"],
        "gateway_response": ["rest_api_id", "response_type"],
        "authorizer": ["rest_api_id", "id"],
        "documentation_part": ["rest_api_id", "documentation_part_id"],
        "documentation_version": ["rest_api_id", "version"],
        "deployment": ["rest_api_id", "id"],
        "stage": ["rest_api_id", "stage_name"],
        "method_settings": ["rest_api_id", "stage_name", "method_path"],
    }[kind]
    if kind == "documentation_part":
        return values["id"]
    return "/".join(values[member] for member in members)


@pytest.mark.skipif(not TERRAFORM, reason="there is no terraform on this machine")
@pytest.mark.skipif(not PLUGINS, reason="there is no hashicorp/aws 5.x for terraform on this machine")
def test_the_life_of_every_resource(tmp_path):
    tollgate = Tollgate("serve")
    try:
        terraform = Terraform(tollgate, tmp_path)
        terraform.run("init", "-no-color", "-input=false", f"-plugin-dir={PLUGINS}")

        terraform.apply("one")
        expect = {"api": True, "resource": True, "authorizer": "authorizer-one", "authorizers": 2, "export": "3.0.1"}
        assert terraform.found() == expect
        assert terraform.planned("one") == {}, "nothing is left to do"

        made = terraform.resources()
        changes = terraform.planned("two")
        assert {address: it["actions"] for address, it in changes.items()} == {address: ["update"] for address in made}
        terraform.apply("two")
        assert terraform.planned("two") == {}
        assert terraform.found()["authorizer"] == "authorizer-two"

        made = terraform.resources()
        terraform.run("state", "rm", *made)
        blocks = (f'import {{\n  to = {it}\n  id = "{import_id(it, made[it])}"\n}}\n' for it in made)
        (tmp_path / "imports.tf").write_text("".join(blocks))
        for address, change in terraform.planned("two").items():
            assert change["actions"] == ["update"], (address, change)
            before, after = change["before"], change["after"]
            differs = {member for member in after if before.get(member) != after[member]}
            assert differs <= NOT_READ_BACK.get(address, set()), (address, differs)
        terraform.apply("two")
        assert terraform.resources().keys() == made.keys()
        assert terraform.planned("two") == {}

        terraform.run("destroy", "-no-color", "-input=false", "-auto-approve", "-var", "word=two")
        client = client_of(tollgate)
        assert client.get_rest_apis()["items"] == []
        assert "cloudwatchRoleArn" not in client.get_account()
    finally:
        tollgate.stop()


@pytest.mark.skipif(not TERRAFORM, reason="there is no terraform on this machine")
@pytest.mark.skipif(not PLUGINS, reason="there is no hashicorp/aws 5.x for terraform on this machine")
def test_users_and_roles(tmp_path):
    tollgate = Tollgate("serve")
    try:
        terraform = Terraform(tollgate, tmp_path, of="iam")
        terraform.run("init", "-no-color", "-input=false", f"-plugin-dir={PLUGINS}")
        for word in ("one", "two"):
            terraform.apply(word)
            assert terraform.planned(word) == {}, "nothing is left to do"
        iam = client_of(tollgate, "iam")
        assert iam.get_role(RoleName="logs")["Role"]["MaxSessionDuration"] == 7200
        assert [it["Status"] for it in iam.list_access_keys(UserName="caller")["AccessKeyMetadata"]] == ["Inactive"]
        # What Terraform does not know of goes with a user that may be destroyed by force.
        iam.create_access_key(UserName="caller")
        terraform.run("destroy", "-no-color", "-input=false", "-auto-approve", "-var", "word=two")
        assert (iam.list_users()["Users"], iam.list_roles()["Roles"], iam.list_groups()["Groups"]) == ([], [], [])
        assert iam.list_policies(Scope="Local")["Policies"] == []
    finally:
        tollgate.stop()


@pytest.mark.skipif(not TERRAFORM, reason="there is no terraform on this machine")
@pytest.mark.skipif(not PLUGINS, reason="there is no hashicorp/aws 5.x for terraform on this machine")
def test_keys_and_plans(tmp_path):
    tollgate = Tollgate("serve")
    try:
        terraform = Terraform(tollgate, tmp_path, of="keys")
        terraform.run("init", "-no-color", "-input=false", f"-plugin-dir={PLUGINS}")
        terraform.apply("one")
        assert terraform.planned("one") == {}, "nothing is left to do"
        found = terraform.found()
        assert (found["value"], found["enabled"]) == ("the-value-of-the-key-of-terraform", True)

        def status(path, key=found["value"]):
            return call(tollgate, found["api"], path, headers={"X-API-Key": key} if key else {}).status

        assert [status("/dev/pets"), status("/dev/pets", None), status("/prod/pets")] == [200, 403, 403]
        assert [status("/dev/own"), status("/dev/own")] == [200, 429]
        terraform.apply("two")
        assert terraform.planned("two") == {}, "nothing is left to do"
        # One token more of each, and the plan is for the other stage as well.
        assert [status("/dev/own"), status("/dev/own")] == [200, 429]
        assert [status("/prod/own"), status("/prod/own"), status("/prod/own")] == [200, 200, 429]
        client = client_of(tollgate)
        plan = client.get_usage_plan(usagePlanId=found["plan"])
        assert plan["quota"] == {"limit": 2000, "offset": 2, "period": "MONTH"}
        assert plan["throttle"] == {"burstLimit": 60, "rateLimit": 200.0}
        terraform.run("destroy", "-no-color", "-input=false", "-auto-approve", "-var", "word=two")
        assert (client.get_usage_plans()["items"], client.get_api_keys()["items"]) == ([], [])
    finally:
        tollgate.stop()
