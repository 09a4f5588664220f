"""Calls the methods of GPU.ai's Python SDK that the published document has. The SDK is generated from a later document."""

import os

import gpuai_sdk as sdk
from check import Check

check = Check()
configuration = sdk.Configuration(host=os.environ['GPU_AI_BASE_URL'], access_token=os.environ['GPU_AI_API_KEY'])
client = sdk.ApiClient(configuration)


def api(name):
    return check.service(name, getattr(sdk, name)(client))


def documented(service):
    """Keeps the plain form of each method: the others send the same request."""
    check.expected -= {name for name in check.expected if name.endswith(('_with_http_info', '_without_preload_content'))}
    return service


instances = documented(api('InstancesApi'))
operations = documented(api('OperationsApi'))
keys = documented(api('SshKeysApi'))
webhooks = documented(api('WebhooksApi'))
gpu_types = documented(api('GpuTypesApi'))
pricing = documented(api('PricingApi'))
usage = documented(api('UsageApi'))
meta = documented(api('MetaApi'))

check.equal('MetaApi.get_health', meta.get_health().status, 'ok')
meta.get_open_api_spec()
assert gpu_types.list_gpu_types().data
check.equal('PricingApi.list_pricing', len(pricing.list_pricing(gpu_type='l40s', region='us-east', tier='spot').data), 1)
pricing.list_pricing(include_unavailable=True, limit=5)

key = keys.create_ssh_key(
    sdk.CreateSshKeyRequest(name='laptop', public_key=os.environ['PUBLIC_KEY']), idempotency_key=os.urandom(8).hex()
)
check.equal('SshKeysApi.list_ssh_keys', [each.id for each in keys.list_ssh_keys().data], [key.id])
check.equal('SshKeysApi.get_ssh_key', keys.get_ssh_key(key.id).name, 'laptop')

order = sdk.CreateInstanceRequest(gpu_type='l40s', gpu_count=1, tier='on_demand', ssh_key_ids=[key.id], auto_terminate_hours=8)
operation = instances.create_instance(order, idempotency_key=os.urandom(8).hex())
check.until(
    'OperationsApi.get_operation',
    lambda: operations.get_operation(operation.operation_id),
    lambda each: each.state == 'succeeded',
)
instance = instances.get_instance(operation.resource_id)
check.equal('Instance.auto_terminate_hours', instance.auto_terminate_hours, 8)
assert instance.auto_terminate_at is not None
instances.update_instance(instance.id, sdk.UpdateInstanceRequest(name='renamed'))
check.equal('InstancesApi.list_instances', [each.name for each in instances.list_instances(status='running').data], ['renamed'])
usage.list_usage(bucket='hour', group_by='instance_id')
deletion = instances.delete_instance(instance.id)
check.until(
    'OperationsApi.get_operation',
    lambda: operations.get_operation(deletion.operation_id),
    lambda each: each.state == 'succeeded',
)
check.equal('InstancesApi.list_instances', instances.list_instances().data, [])
check.equal('InstancesApi.list_instances', len(instances.list_instances(status='terminated').data), 1)

hook = webhooks.create_webhook_endpoint(
    sdk.CreateWebhookEndpointRequest(url='http://localhost/hook', event_types=['instance.running'])
)
webhooks.list_webhook_endpoints()
webhooks.get_webhook_endpoint(hook.id)
webhooks.delete_webhook_endpoint(hook.id)
keys.delete_ssh_key(key.id)
check.finish()
