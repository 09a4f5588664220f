import { verifyWebhook, WebhookError } from '@gpu-clouds/gpu-ai/webhooks';

/** Answers GPU.ai's deliveries; `secret` is what `createWebhookEndpoint` answered, once. */
export async function receive(request: Request, secret: string): Promise<Response> {
  try {
    const event = await verifyWebhook(request, { secret });
    if (event.type === 'instance.terminated') console.log(`${event.id}: look again at what is running`);
    return new Response();
  } catch (error) {
    if (WebhookError.isInstance(error)) return new Response(error.code, { status: 400 });
    throw error;
  }
}
