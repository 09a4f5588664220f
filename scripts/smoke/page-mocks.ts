import { ApiError, createVerda } from '@gpu-clouds/verda';
import { handlers, outOfCapacity, verdaHandlers } from '@gpu-clouds/verda/msw';
import { setupWorker } from 'msw/browser';

/** Tests a client's mock handlers in a page, behind msw's service worker. No request reaches the vendor. */
export async function mocks(): Promise<void> {
  const worker = setupWorker(
    verdaHandlers.getBalance(() => ({ status: 200, body: { amount: 42, currency: 'usd' } })),
    verdaHandlers.createInstance(outOfCapacity()),
    ...handlers(),
  );
  await worker.start({ quiet: true });
  try {
    const verda = createVerda({ clientId: 'id', clientSecret: 'secret', maxRetries: 0 });
    const { amount } = await verda.getBalance();
    if (amount !== 42) throw new Error(`the balance is ${amount} instead of 42`);
    const images = await verda.listImages();
    if (images.length === 0) throw new Error('the documented example has no image');
    const order = { instance_type: '1V100.6V', image: 'ubuntu-24.04', location_code: 'FIN-01' };
    const body = { ...order, hostname: 'h', description: 'd' };
    const refusal = await verda.createInstance({ body }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!ApiError.isInstance(refusal) || refusal.status !== 503) throw new Error(`the create ended with ${refusal}`);
  } finally {
    worker.stop();
  }
}
