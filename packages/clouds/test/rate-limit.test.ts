import { createManualClock, createSimulators, type ManualClock } from '@gpu-clouds/simulators';
import { createVerda } from '@gpu-clouds/verda';
import { expect, test } from 'vitest';

const minute = 60_000;

/** A client's clock on the simulator's time. */
const clientClock = (clock: ManualClock) => ({
  now: () => clock.now(),
  random: () => 0.5,
  after: (milliseconds: number, callback: () => void) => clock.after(milliseconds, callback),
});

/** Passes time, a second at a time, until it is done. */
async function passUntil(clock: ManualClock, done: Promise<unknown>): Promise<void> {
  let over = false;
  void done.finally(() => {
    over = true;
  });
  for (let seconds = 0; !over; seconds++) {
    if (seconds > 1200) throw new Error('not done after 20 minutes');
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1);
  }
}

async function load(
  callers: number,
  calls: number,
  call: (verda: ReturnType<typeof createVerda>, index: number) => Promise<unknown>,
) {
  const clock = createManualClock();
  const { verda: simulator } = createSimulators({ clock, ssh: false });
  const statuses: number[] = [];
  const options = {
    clock: clientClock(clock),
    clientId: simulator.env.VERDA_CLIENT_ID,
    clientSecret: simulator.env.VERDA_CLIENT_SECRET,
    fetch: async (request: Request) => {
      const response = await simulator.fetch(request);
      if (!request.url.endsWith('/token')) statuses.push(response.status);
      return response;
    },
  };
  // Two clients of one account, as two parts of a program would make them.
  const clients = [createVerda(options), createVerda(options)];
  const began = clock.now();
  let ended = began;
  const caller = async (index: number) => {
    for (let number = 0; number < calls; number++) {
      await call(clients[index % 2] ?? createVerda(options), index + number);
      ended = clock.now();
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
  await passUntil(clock, all);
  await all;
  return { statuses, took: ended - began };
}

test('500 concurrent callers of Verda are never refused for their number, and use what the project is allowed', async () => {
  const { statuses, took } = await load(500, 4, (verda, index) =>
    // An unknown volume is an answer too.
    verda.getVolume({ path: { volume_id: `${index % 100}` } }).catch(({ code }) => expect(code).toBe('not-found')),
  );
  expect(statuses).toHaveLength(2000);
  expect(statuses).not.toContain(429);
  // Four windows of 500: three of them have to pass.
  expect((3 * minute) / took).toBeGreaterThan(0.95);
});

test('500 concurrent callers of one path use what that path is allowed', async () => {
  const { statuses, took } = await load(500, 1, (verda) => verda.listInstances());
  expect(statuses).toHaveLength(500);
  expect(statuses).not.toContain(429);
  expect((4 * minute) / took).toBeGreaterThan(0.95);
});
