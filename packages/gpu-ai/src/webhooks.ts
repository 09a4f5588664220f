export { type SignedWebhook, type SignOptions, signWebhook } from './sign-webhook.ts';
export {
  type Delivery,
  type VerifyOptions,
  verifyWebhook,
  type WebhookEvent,
  type WebhookEventType,
} from './verify-webhook.ts';
export { WebhookError, type WebhookErrorCode } from './webhook-error.ts';
