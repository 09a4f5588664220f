import { environment } from '@gpu-clouds/core';
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { createVerda } from '@gpu-clouds/verda';
import { type CallOptions, type Vendor, vendors } from './cloud.ts';
import { baseUrlVariable, credentialVariables } from './credentials.ts';

/** What a vendor says about an account. */
export interface AccountStatement {
  /** The vendor. */
  readonly vendor: Vendor;
  /** US dollars left in the account. Absent if the vendor does not say. */
  readonly balance?: number | undefined;
  /** US dollars that the vendor counted for the whole account, whoever spent them. Absent if the vendor does not say. */
  readonly spent?: number | undefined;
  /** Why there is no number, in one sentence or clause. */
  readonly message?: string | undefined;
}

/** Options of {@link accountStatements}. */
export interface AccountStatementsOptions {
  /** Environment variables to take credentials and base URLs from. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Start of the time for which `spent` counts. */
  readonly since: Date;
  /** Milliseconds to wait for a vendor. Default: 5000. */
  readonly timeoutMs?: number | undefined;
}

type Read = (
  variable: (name: string) => string | undefined,
  since: Date,
  options: CallOptions,
) => Promise<Omit<AccountStatement, 'vendor'>>;

const reads: Readonly<Record<Vendor, Read>> = {
  async verda(variable, _since, options) {
    const [clientId, clientSecret] = [variable('VERDA_CLIENT_ID'), variable('VERDA_CLIENT_SECRET')];
    const verda = createVerda({ clientId, clientSecret, baseUrl: variable(baseUrlVariable.verda) });
    const { amount, currency } = await verda.getBalance({}, options);
    return currency === 'usd'
      ? { balance: amount }
      : { message: `${amount.toFixed(2)} ${currency.toUpperCase()} left` };
  },
  async 'gpu-ai'(variable, since, options) {
    const gpuAi = createGpuAi({ apiKey: variable('GPU_AI_API_KEY'), baseUrl: variable(baseUrlVariable['gpu-ai']) });
    let cents = 0;
    const query = { bucket: 'hour', start: since.toISOString() } as const;
    for await (const bucket of gpuAi.listUsage.items({ query }, options)) cents += bucket.cost_cents;
    return { spent: cents / 100 };
  },
  async tensordock(variable, _since, options) {
    const [apiKey, apiToken] = [variable('TENSORDOCK_API_KEY'), variable('TENSORDOCK_API_TOKEN')];
    const tensorDock = createTensorDock({ apiKey, apiToken, baseUrl: variable(baseUrlVariable.tensordock) });
    const { balance } = await tensorDock.retrieveBalance({}, options);
    return { balance };
  },
  'massed-compute': async () => ({ message: 'The vendor reports neither a balance nor usage.' }),
};

/** Returns what each vendor with credentials says. A vendor that fails or is slow has a message. Never throws. */
export async function accountStatements({
  env,
  since,
  timeoutMs = 5000,
}: AccountStatementsOptions): Promise<readonly AccountStatement[]> {
  const variable = (name: string) => (env === undefined ? environment(name) : env[name]?.trim() || undefined);
  const configured = vendors.filter((vendor) =>
    credentialVariables[vendor].every((name) => variable(name) !== undefined),
  );
  return Promise.all(
    configured.map(async (vendor): Promise<AccountStatement> => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return { vendor, ...(await reads[vendor](variable, since, { signal })) };
      } catch (error) {
        if (signal.aborted) return { vendor, message: `No answer within ${timeoutMs / 1000} s.` };
        return { vendor, message: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}
