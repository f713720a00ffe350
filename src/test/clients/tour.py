"""Takes the tour with the client that openapi-python-client generates: tour.py URL."""

import sys
import time

from slipway.api.environments import (
    apply_environment,
    delete_environment,
    get_environment,
)
from slipway.api.rollouts import list_releases, list_rollouts, roll_back, roll_out
from slipway.api.services import apply_service, delete_service, get_service
from slipway.client import Client
from slipway.models.environment_spec import EnvironmentSpec
from slipway.models.roll_back import RollBack
from slipway.models.roll_out import RollOut
from slipway.models.service_spec import ServiceSpec

ENVIRONMENT = "python"
SERVICE = "web"


def until(look, expected):
    """Asks until the answer is the expected one; two minutes at most."""
    deadline = time.monotonic() + 120
    while (found := look()) != expected:
        assert time.monotonic() < deadline, f"{found} instead of {expected}"
        time.sleep(0.2)


def accepted(response):
    assert response.status_code == 202, response.content
    return response


def main(url):
    client = Client(base_url=url, raise_on_unexpected_status=True)

    def service():
        return get_service.sync(ENVIRONMENT, SERVICE, client=client)

    def rollout():
        return str(list_rollouts.sync(ENVIRONMENT, SERVICE, client=client).items[0].state)

    accepted(apply_environment.sync_detailed(
        ENVIRONMENT, client=client, body=EnvironmentSpec.from_dict({"network": {"cidr": "172.21.0.0/16"}, "terminationProtection": False})))
    until(lambda: str(get_environment.sync(ENVIRONMENT, client=client).state), "SUCCEEDED")
    accepted(apply_service.sync_detailed(
        ENVIRONMENT, SERVICE, client=client, body=ServiceSpec.from_dict({"container": {"port": 8000}})))
    until(lambda: str(service().state), "SUCCEEDED")
    for tag in ("v1", "v2"):
        accepted(roll_out.sync_detailed(ENVIRONMENT, SERVICE, client=client, body=RollOut(image=tag)))
        until(rollout, "SUCCEEDED")
        assert service().live.release.tag == tag
    assert [release.number for release in list_releases.sync(ENVIRONMENT, SERVICE, client=client).items] == [2, 1]
    accepted(roll_back.sync_detailed(ENVIRONMENT, SERVICE, client=client, body=RollBack()))
    until(rollout, "SUCCEEDED")
    assert service().live.release.number == 1

    refused = roll_out.sync_detailed(ENVIRONMENT, "nobody", client=client, body=RollOut(image="v1"))
    assert refused.parsed.code == "service-not-found", refused.content

    accepted(delete_service.sync_detailed(ENVIRONMENT, SERVICE, client=client, confirm=SERVICE))
    until(lambda: get_service.sync_detailed(ENVIRONMENT, SERVICE, client=client).status_code, 404)
    accepted(delete_environment.sync_detailed(ENVIRONMENT, client=client))
    until(lambda: get_environment.sync_detailed(ENVIRONMENT, client=client).status_code, 404)


if __name__ == "__main__":
    main(sys.argv[1])
