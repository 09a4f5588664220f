import { ApiError, createTensorDock } from '@gpu-clouds/tensordock';
import { rawClient } from '@gpu-clouds/tensordock/raw';

const tensorDock = createTensorDock();
try {
  await tensorDock.startVirtualMachine({ body: { server: crypto.randomUUID() } });
} catch (error) {
  if (!ApiError.isInstance(error)) throw error;
  switch (error.code) {
    case 'not-found': // a 404
    case 'vendor-failure': // a 200 that says success: false
      console.log(`TensorDock says: ${error.vendorMessage}`);
      break;
    default:
      throw error;
  }
}

// The raw client returns what was sent: status 200 is data, and its `success` tells.
const { data } = await rawClient(tensorDock).GET('/api/v0/client/deploy/hostnodes');
if (data?.success) console.log(`${Object.keys(data.hostnodes).length} hosts`);
