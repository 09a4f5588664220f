import { ago } from './format.ts';
import { Note } from './parts.tsx';

interface Alarms {
  readonly instanceName: string;
  readonly vendor?: string | undefined;
  readonly teardownStuckSince?: string | undefined;
  readonly accountSuspectSince?: string | undefined;
}

/** Says which of the instances may bill unseen, and what to check. */
export function InstanceAlarms({ instances }: { readonly instances: readonly Alarms[] }) {
  return (
    <>
      {instances.map(({ instanceName, vendor = 'its cloud', teardownStuckSince, accountSuspectSince }) => (
        <div key={instanceName}>
          {teardownStuckSince === undefined ? null : (
            <Note tone="bad">
              The teardown of {instanceName} began {ago(teardownStuckSince)}. It may still bill: look for it in the
              console of {vendor}.
            </Note>
          )}
          {accountSuspectSince === undefined ? null : (
            <Note tone="bad">
              All instances of {vendor} vanished at once {ago(accountSuspectSince)}, {instanceName} among them. Check
              that the workers' credentials belong to this account.
            </Note>
          )}
        </div>
      ))}
    </>
  );
}
