import { type AccountMoney, type Vendor, vendors } from './cloud.ts';
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

/** Returns what each vendor with credentials says. A vendor that fails, is slow, or has a malformed setting has a message. */
export async function accountStatements({
  since,
  timeoutMs = 5000,
  ...options
}: AccountStatementsOptions): Promise<readonly AccountStatement[]> {
  const statements = await Promise.all(
    vendors.map(async (vendor): Promise<AccountStatement | undefined> => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const cloud = createClouds({ ...options, vendors: [vendor] }).clouds.get(vendor);
        if (cloud === undefined) return undefined;
        if (cloud.readAccount === undefined)
          return { vendor, message: 'The vendor reports neither a balance nor usage.' };
        return { vendor, ...(await cloud.readAccount(since, { signal })) };
      } catch (error) {
        if (signal.aborted) return { vendor, message: `No answer within ${timeoutMs / 1000} s.` };
        return { vendor, message: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  return statements.filter((statement) => statement !== undefined);
}
