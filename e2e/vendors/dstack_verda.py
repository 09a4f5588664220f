"""Calls dstack's Verda back end: offers, provisioning, and termination, with the catalog that gpuhunt builds from the API."""

import functools
import os
import time

import verda
from check import Check

# dstack passes no base URL to Verda's SDK.
verda.VerdaClient.__init__ = functools.partialmethod(verda.VerdaClient.__init__, base_url=f'{os.environ["VERDA_BASE_URL"]}/v1')

import gpuhunt
from dstack._internal.core.backends.datacrunch.backend import DataCrunchBackend
from dstack._internal.core.backends.verda import compute as module
from dstack._internal.core.backends.verda.backend import VerdaBackend
from dstack._internal.core.backends.verda.configurator import VerdaConfigurator
from dstack._internal.core.backends.verda.models import VerdaAPIKeyCreds, VerdaBackendConfigWithCreds, VerdaConfig
from dstack._internal.core.errors import NotYetTerminated
from dstack._internal.core.models.instances import InstanceConfiguration, SSHKey
from gpuhunt.providers.verda import VerdaProvider

check = Check()
credentials = (os.environ['VERDA_CLIENT_ID'], os.environ['VERDA_CLIENT_SECRET'])
creds = VerdaAPIKeyCreds(client_id=credentials[0], client_secret=credentials[1])
check.call(
    'VerdaConfigurator.validate_config',
    VerdaConfigurator().validate_config,
    VerdaBackendConfigWithCreds(type='verda', creds=creds),
    default_creds_enabled=False,
)

# dstack downloads the catalog that gpuhunt publishes. This is how gpuhunt makes it.
items = check.call('VerdaProvider.get', VerdaProvider(*credentials).get)
known = {item.instance_name for item in items}
types = {each.instance_type for each in verda.VerdaClient(*credentials).instance_types.get()}
check.equal('VerdaProvider.get names the GPU of every instance type', sorted(types - known), [])
catalog = gpuhunt.Catalog(auto_reload=False)
catalog.loaded_at = time.monotonic()
catalog.catalog['verda'] = gpuhunt._internal.catalog.ProviderCatalog(version='v', items=items)
module.get_catalog_offers = functools.partial(module.get_catalog_offers, catalog=catalog)


def rents(backend):
    compute = backend.compute()
    name = type(compute).__name__
    offers = check.call(
        f'{name}.get_all_offers_with_availability', compute.get_all_offers_with_availability, unallocated_resources=False
    )
    wanted = {'1A6000.10V', '1V100.6V'}
    offer = next(each for each in offers if each.availability.is_available() and each.instance.name in wanted)
    offer.instance.resources.disk.size_mib = 60 * 1024
    order = InstanceConfiguration(
        project_name='main', instance_name='job', user='me', ssh_keys=[SSHKey(public=os.environ['PUBLIC_KEY'])]
    )
    data = check.call(f'{name}.create_instance', compute.create_instance, offer, order, None)

    def update():
        compute.update_provisioning_data(data, 'public', 'private')
        return data.hostname

    def terminate():
        try:
            compute.terminate_instance(data.instance_id, data.region, data.backend_data)
            return True
        except NotYetTerminated:
            return False

    # Verda does not delete an instance while it is provisioned.
    check.equal(f'{name}.terminate_instance', terminate(), False)
    check.until(f'{name}.update_provisioning_data', update, lambda hostname: hostname is not None)
    check.until(f'{name}.terminate_instance', terminate, lambda done: done)
    # The instance is gone: "Can't discontinue a discontinued instance" counts as success.
    check.until('VerdaClient.instances.get', compute.client.instances.get, lambda left: left == [])
    check.equal(f'{name}.terminate_instance', terminate(), True)


config = VerdaConfig(type='verda', creds=creds)
rents(VerdaBackend(config))
rents(DataCrunchBackend(config))
check.finish()
