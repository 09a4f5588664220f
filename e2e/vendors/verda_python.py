"""Calls every method of Verda's Python SDK."""

import os
import tempfile
import warnings

from check import Check
from verda import VerdaClient
from verda.constants import Actions
from verda.containers import (
    ComputeResource,
    Container,
    Deployment,
    DockerHubCredentials,
    EnvVar,
    EnvVarType,
    HealthcheckSettings,
    QueueLoadScalingTrigger,
    ScalingOptions,
    ScalingPolicy,
    ScalingTriggers,
    UtilizationScalingTrigger,
)
from verda.inference_client import InferenceClient
from verda.job_deployments import JobDeployment, JobScalingOptions

warnings.simplefilter('ignore', DeprecationWarning)
check = Check()
client = check.call(
    'VerdaClient',
    VerdaClient,
    os.environ['VERDA_CLIENT_ID'],
    os.environ['VERDA_CLIENT_SECRET'],
    base_url=f'{os.environ["VERDA_BASE_URL"]}/v1',
    inference_key=os.environ['VERDA_INFERENCE_KEY'],
)
services = {name: check.service(name, value) for name, value in vars(client).items() if name[0] != '_' and name != 'constants'}
authentication = check.service('authentication', client._authentication)
authentication.authenticate()
authentication.refresh()
check.equal('authentication.is_expired', authentication.is_expired(), False)

for currency in ('usd', 'eur'):
    for name in ('instance_types', 'container_types', 'cluster_types'):
        assert services[name].get(currency)
services['balance'].get()
services['images'].get()
services['images'].get('1V100.6V')
services['volume_types'].get()
check.equal('locations.get', len(services['locations'].get()), 4)
for method in ('get_instance_periods', 'get_cluster_periods'):
    assert getattr(services['long_term'], method)()

keys = services['ssh_keys']
public_key = os.environ['PUBLIC_KEY']
key = keys.create('laptop', public_key)
check.equal('ssh_keys.get', [each.id for each in keys.get()], [key.id])
check.equal('ssh_keys.get_by_id', keys.get_by_id(key.id).public_key, public_key)

scripts = services['startup_scripts']
script = scripts.create('setup', 'true')
check.equal('startup_scripts.get', [each.name for each in scripts.get()], ['setup'])
check.equal('startup_scripts.get_by_id', scripts.get_by_id(script.id).script, 'true')

instances = services['instances']
check.equal('instances.is_available', instances.is_available('1V100.6V', location_code='FIN-01'), True)
check.equal('instances.is_available', instances.is_available('8H100.80S.176V', is_spot=True), False)
instances.get_availabilities()
instances.get_availabilities(is_spot=True, location_code='FIN-01')


def running(**more):
    made = instances.create(
        '1V100.6V', 'ubuntu-24.04', 'host', 'd', ssh_key_ids=[key.id], location='FIN-01', **more
    )
    return check.until('instances.get_by_id', lambda: client.instances.get_by_id(made.id), lambda i: i.status == 'running')


instance = running(startup_script_id=script.id, os_volume={'name': 'os', 'size': 60})
spot = running(is_spot=True, contract='SPOT', volumes=[{'name': 'data', 'size': 10, 'type': 'NVMe'}])
check.equal('instances.get', {each.id for each in instances.get()}, {instance.id, spot.id})
check.equal('instances.get', [each.id for each in instances.get('offline')], [])

volumes = services['volumes']
volume = volumes.create('NVMe', 'data', 60, location='FIN-01')
instances.action(instance.id, Actions.SHUTDOWN)
volumes.attach(volume.id, instance.id)
check.equal('volumes.get_by_id', volumes.get_by_id(volume.id).instance_id, instance.id)
volumes.detach(volume.id)
volumes.rename(volume.id, 'renamed')
volumes.increase_size(volume.id, 70)
copy = volumes.clone(volume.id, name='copy')
check.equal('volumes.get', {each.name for each in volumes.get('detached')}, {'renamed', 'copy'})
volumes.delete_by_id(copy.id)
check.equal('volumes.get_in_trash', [each.id for each in volumes.get_in_trash()], [copy.id])
volumes.delete_by_id(copy.id, is_permanent=True)
volumes.delete([volume.id], is_permanent=True)
instances.action(instance.id, Actions.START)
check.until('instances.get_by_id', lambda: client.instances.get_by_id(instance.id), lambda i: i.status == 'running')
instances.action([instance.id], Actions.SHUTDOWN)
instances.action(instance.id, Actions.HIBERNATE)
instances.action(spot.id, Actions.DELETE, volume_ids=[spot.os_volume_id], delete_permanently=True)
check.until('instances.get', client.instances.get, lambda left: left == [])
volumes.delete([each.id for each in volumes.get()], is_permanent=True)

clusters = services['clusters']
check.equal('clusters.is_available', clusters.is_available('16H200', 'FIN-03'), True)
check.equal('clusters.is_available', clusters.is_available('16H200', 'FIN-01'), False)
check.equal('clusters.get_availabilities', clusters.get_availabilities('FIN-01'), [])
assert clusters.get_cluster_images('16H200')
cluster = clusters.create('16H200', clusters.get_cluster_images()[0], 'cluster', ssh_key_ids=[key.id], wait_for_status=None)
check.until('clusters.get_by_id', lambda: client.clusters.get_by_id(cluster.id), lambda c: c.status == 'running')
check.equal('clusters.get', [each.id for each in clusters.get()], [cluster.id])
clusters.delete(cluster.id)
other = clusters.create('16H200', clusters.get_cluster_images()[0], 'other', wait_for_status=None)
clusters.action([other.id], Actions.DELETE)
volumes.delete([each.id for each in volumes.get()], is_permanent=True)

containers = services['containers']
containers.create_secret('token', 'hush')
with tempfile.NamedTemporaryFile() as file:
    containers.create_fileset_secret_from_file_paths('files', [file.name])
containers.add_registry_credentials(DockerHubCredentials('hub', 'me', 'hush'))
check.equal('containers.get_secrets', [each.name for each in containers.get_secrets()], ['token'])
check.equal('containers.get_fileset_secrets', [each.name for each in containers.get_fileset_secrets()], ['files'])
check.equal('containers.get_registry_credentials', [each.name for each in containers.get_registry_credentials()], ['hub'])
containers.get_compute_resources(size=1, is_available=True)
containers.get_gpus()
variable = EnvVar('TOKEN', 'token', EnvVarType.SECRET)
container = Container('docker.io/me/llm:1', 8000, healthcheck=HealthcheckSettings(enabled=False), env=[variable])
triggers = ScalingTriggers(QueueLoadScalingTrigger(1), gpu_utilization=UtilizationScalingTrigger(False))
scaling = ScalingOptions(0, 2, ScalingPolicy(60), ScalingPolicy(0), 60, 1, triggers)
compute = ComputeResource('H100', 1)
deployment = containers.create_deployment(Deployment('llm', [container], compute, scaling=scaling))
name = deployment.containers[0].name
check.equal('containers.get_deployments', [each.name for each in containers.get_deployments()], ['llm'])
containers.get_deployment('llm')
containers.get_deployment_by_name('llm')
# The SDK cannot send back what it read: its deployments hold an inference client, which is not JSON.
change = Deployment('llm', [Container('docker.io/me/llm:2', 8000, name=name, env=[variable])], compute, is_spot=True, scaling=scaling)
check.equal('containers.update_deployment', containers.update_deployment('llm', change).is_spot, True)
containers.get_deployment_status('llm')
scaling.max_replica_count = 3
check.equal(
    'containers.update_deployment_scaling_options',
    containers.update_deployment_scaling_options('llm', scaling).max_replica_count,
    3,
)
containers.get_deployment_scaling_options('llm')
containers.get_deployment_replicas('llm')
for command in ('restart_deployment', 'purge_deployment_queue', 'pause_deployment', 'resume_deployment'):
    getattr(containers, command)('llm')
plain = EnvVar('A', '1', EnvVarType.PLAIN)
containers.add_deployment_environment_variables('llm', name, [plain])
plain.value_or_reference_to_secret = '2'
changed = containers.update_deployment_environment_variables('llm', name, [plain])
check.equal('containers.update_deployment_environment_variables', changed[name][-1], plain)
containers.delete_deployment_environment_variables('llm', name, ['A'])
check.equal(
    'containers.get_deployment_environment_variables',
    containers.get_deployment_environment_variables('llm'),
    {name: [variable]},
)
containers.delete_secret('token', force=True)
containers.delete_deployment('llm')
containers.delete_fileset_secret('files')
containers.delete_registry_credentials('hub')

jobs = services['job_deployments']
job_container = Container('docker.io/me/job:1', 80)
job = JobDeployment('train', [job_container], compute, scaling=JobScalingOptions(1, 300, 3600))
made = jobs.create(job)
check.equal('job_deployments.get', [each.name for each in jobs.get()], ['train'])
check.equal('job_deployments.get_by_name', jobs.get_by_name('train').name, 'train')
check.equal('job_deployments.get_status', jobs.get_status('train').value, 'running')
check.equal('job_deployments.get_scaling_options', jobs.get_scaling_options('train'), job.scaling)
with InferenceClient(os.environ['VERDA_INFERENCE_KEY'], made.endpoint_base_url) as inference:
    execution = check.call('InferenceClient.run', inference.run, {}, path='job?duration=0')
    check.until('AsyncInferenceExecution.status_json', execution.status_json, lambda json: json['Status'] == 'Completed')
    check.equal('AsyncInferenceExecution.status', execution.status().value, 'Completed')
    check.equal('AsyncInferenceExecution.result', execution.result().get('success'), True)
jobs.pause('train')
jobs.resume('train')
jobs.purge_queue('train')
job.scaling = JobScalingOptions(2, 300, 3600)
job_container.name = made.containers[0].name
check.equal('job_deployments.update', jobs.update('train', job).name, 'train')
jobs.delete('train', timeout=0)
check.until('job_deployments.get', client.job_deployments.get, lambda left: left == [])

keys.delete_by_id(key.id)
keys.delete([keys.create('other', public_key).id])
scripts.delete_by_id(script.id)
scripts.delete([scripts.create('other', 'true').id])
check.finish()
