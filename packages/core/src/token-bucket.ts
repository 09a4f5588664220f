import { createBlock, type LimitState } from './limit-state.ts';

/** Creates a token bucket that holds up to `burst` tokens and gains `quota` tokens every `windowMs` milliseconds. */
export function createTokenBucket(name: string, quota: number, windowMs: number, burst: number): LimitState {
  const msPerToken = windowMs / quota;
  const block = createBlock();
  let tokens = burst;
  let since = 0;
  const fill = (now: number) => {
    tokens = Math.min(burst, tokens + (now - since) / msPerToken);
    since = now;
  };
  return {
    name,
    block: {
      start(now, milliseconds) {
        block.start(now, milliseconds);
        tokens = Math.min(tokens, 1);
      },
      leftMs: block.leftMs,
    },
    waitMs(now) {
      fill(now);
      return Math.max(0, Math.ceil((1 - tokens) * msPerToken));
    },
    take(now) {
      fill(now);
      // An urgent request may go without a token. The requests after it do not pay for it.
      tokens = Math.max(0, tokens - 1);
      return () => {};
    },
    isIdle: (now) => block.leftMs(now) === 0 && tokens + (now - since) / msPerToken >= burst,
  };
}
