import { createVerda } from '@gpu-clouds/verda';
import { validated } from '@gpu-clouds/verda/validate';

const verda = createVerda({ fetch: validated(undefined, { onDrift: (drift) => console.warn(drift) }) });
console.log((await verda.listInstanceTypes()).length);
