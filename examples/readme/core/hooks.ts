// #region shown
import { logHooks } from '@gpu-clouds/core/logging';
import { openTelemetryHooks } from '@gpu-clouds/core/opentelemetry'; // needs @opentelemetry/api
import { createVerda } from '@gpu-clouds/verda';

const log = logHooks(({ level, message, fields }) => console[level](message, fields), { bodies: false });
const verda = createVerda({ hooks: [log, openTelemetryHooks()] });
// #endregion

await verda.getBalance();
