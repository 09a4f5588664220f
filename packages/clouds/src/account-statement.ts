import type { AccountMoney, Vendor } from './cloud.ts';
import { type CreateCloudOptions, createClouds } from './create-clouds.ts';

/** What a vendor says about an account. */
export interface AccountStatement extends AccountMoney {
  /** The vendor. */
  readonly vendor: Vendor;
}

/** Options of {@link accountStatements}. */
export interface AccountStatementsOptions extends CreateCloudOptions {
  /** Start of the time for which `spent` counts. */
  readonly since: Date;
  /** Milliseconds to wait for a vendor. Default: 5000. */
  readonly timeoutMs?: number | undefined;
}

/** Returns what each vendor with credentials says. A vendor that fails or is slow has a message. */
export async function accountStatements({
  since,
  timeoutMs = 5000,
  ...options
}: AccountStatementsOptions): Promise<readonly AccountStatement[]> {
  const { clouds } = createClouds(options);
  return Promise.all(
    [...clouds.values()].map(async ({ vendor, readAccount }): Promise<AccountStatement> => {
      if (readAccount === undefined) return { vendor, message: 'The vendor reports neither a balance nor usage.' };
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return { vendor, ...(await readAccount(since, { signal })) };
      } catch (error) {
        if (signal.aborted) return { vendor, message: `No answer within ${timeoutMs / 1000} s.` };
        return { vendor, message: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}
