"""Calls SkyPilot's Verda back end: its catalog, and provisioning, listing, and terminating the instance of a cluster."""

import csv
import os

# SkyPilot expects the version in the base URL.
os.environ['VERDA_BASE_URL'] += '/v1'

from check import Check
from sky.adaptors.verda import VerdaClient
from sky.catalog.data_fetchers import fetch_verda
from sky.provision import common, verda
from sky.utils.status_lib import ClusterStatus

check = Check()
check.call('fetch_verda.create_catalog', fetch_verda.create_catalog, os.path.abspath('catalogs/vms.csv'))
with open('catalogs/vms.csv', encoding='utf-8') as file:
    rows = list(csv.DictReader(file))
check.equal('fetch_verda.create_catalog', {row['AcceleratorName'] for row in rows} >= {'V100', 'A100-80GB', 'H100'}, True)

api = VerdaClient()
key = check.call('VerdaClient.ssh_keys_create', api.ssh_keys_create, 'sky', os.environ['PUBLIC_KEY'])
node = {'InstanceType': '1V100.6V', 'DiskSize': 60, 'PublicKey': os.environ['PUBLIC_KEY']}
config = common.ProvisionConfig(
    provider_config={'zones': None},
    authentication_config={},
    docker_config={},
    node_config=node,
    count=1,
    tags={},
    resume_stopped_nodes=False,
    ports_to_open_on_launch=None,
)
config = check.call('bootstrap_instances', verda.bootstrap_instances, 'FIN-01', 'cluster', config)
record = check.call('run_instances', verda.run_instances, 'FIN-01', 'cluster', 'cluster-on-cloud', config)
check.call('wait_instances', verda.wait_instances, 'FIN-01', 'cluster-on-cloud', None)
info = check.call('get_cluster_info', verda.get_cluster_info, 'FIN-01', 'cluster-on-cloud', {})
check.equal('get_cluster_info', info.head_instance_id, record.head_instance_id)
statuses = check.call('query_instances', verda.query_instances, 'cluster-on-cloud', provider_config={})
check.equal('query_instances', statuses, {record.head_instance_id: (ClusterStatus.UP, None)})
check.call('cleanup_ports', verda.cleanup_ports, 'cluster-on-cloud', [])
check.call('terminate_instances', verda.terminate_instances, 'cluster-on-cloud')
check.equal('query_instances', verda.query_instances('cluster-on-cloud', provider_config={}), {})
# SkyPilot keeps the key for later clusters.
api.http_client.delete(f'/ssh-keys/{key.id}')
check.finish()
