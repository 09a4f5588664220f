import { createTensorDock } from '@gpu-clouds/tensordock';
import { validated } from '@gpu-clouds/tensordock/validate';

const tensorDock = createTensorDock({ fetch: validated(undefined, { onDrift: (drift) => console.warn(drift) }) });
console.log(Object.keys((await tensorDock.listHostnodes()).hostnodes).length);
