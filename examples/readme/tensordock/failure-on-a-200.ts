import { ApiError, createTensorDock } from '@gpu-clouds/tensordock';

const tensorDock = createTensorDock();
try {
  await tensorDock.startVirtualMachine({ body: { server: crypto.randomUUID() } });
} catch (error) {
  if (!ApiError.isInstance(error)) throw error;
  switch (error.code) {
    case 'not-found': // a 404
    case 'vendor-failure': // a 200 that says success: false
      console.log(`TensorDock says: ${error.message}`);
      break;
    default:
      throw error;
  }
}

// `raw` gives what is sent: a 200 is data, and its `success` tells.
const { data } = await tensorDock.raw.GET('/api/v0/client/deploy/hostnodes');
if (data?.success) console.log(`${Object.keys(data.hostnodes).length} hosts`);
