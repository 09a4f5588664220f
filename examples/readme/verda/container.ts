import {
  type CreateContainerDeployment,
  createVerda,
  type EnvironmentVariable,
  type VolumeMount,
} from '@gpu-clouds/verda';
import { waitForContainerDeployment } from '@gpu-clouds/verda/waiters';

const verda = createVerda();
await verda.createSecret({ body: { name: 'hf-token', value: process.env.HF_TOKEN ?? 'hf_example' } });

const env: EnvironmentVariable[] = [{ name: 'HF_TOKEN', value_or_reference_to_secret: 'hf-token', type: 'secret' }];
const volume_mounts: VolumeMount[] = [{ type: 'memory', mount_path: '/dev/shm', size_in_mb: 1024 }]; // or scratch, secret, shared
const fleet: CreateContainerDeployment = {
  name: 'echo',
  container_registry_settings: { is_private: false },
  containers: [{ image: 'docker.io/library/echo:1.0', exposed_port: 8080, env, volume_mounts }],
  compute: { name: 'H100', size: 1 },
  scaling: {
    min_replica_count: 0,
    max_replica_count: 2,
    scale_down_policy: { delay_seconds: 300 },
    scale_up_policy: { delay_seconds: 10 },
    queue_message_ttl_seconds: 300,
    concurrent_requests_per_replica: 4,
    scaling_triggers: {
      queue_load: { threshold: 2 },
      cpu_utilization: { enabled: false, threshold: 80 },
      gpu_utilization: { enabled: false, threshold: 80 },
    },
  },
};
try {
  const { endpoint_base_url } = await verda.createContainerDeployment({ body: fleet });
  await waitForContainerDeployment(verda, 'echo');
  console.log(endpoint_base_url);
} finally {
  await verda.deleteContainerDeployment({ path: { deployment_name: 'echo' } });
  await verda.deleteSecret({ path: { secret_name: 'hf-token' }, query: { force: true } });
}
