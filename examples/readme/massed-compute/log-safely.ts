import { redact } from '@gpu-clouds/core/redact';
import { createMassedCompute } from '@gpu-clouds/massed-compute';

const massed = createMassedCompute();
for (const instance of (await massed.listInstances()).runningInstances) {
  console.log(JSON.stringify(redact(instance))); // an instance holds its password in clear text
}
