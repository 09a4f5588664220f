import type { JsonValue, Overlay } from '../index.ts';
import { parseDocument, parseOverlay } from '../index.ts';

/** Returns an overlay named `patches.yaml` with these actions: YAML list items without indentation. */
export function overlayOf(actions: string, version = '1.1.0'): Overlay {
  return parseOverlay(
    `overlay: ${version}\ninfo: { title: Patches, version: '1' }\nactions:\n${actions}`,
    'patches.yaml',
  );
}

export function documentOf(yaml: string): JsonValue {
  return parseDocument(yaml, 'published.yaml');
}

/** Returns the error that the call throws. */
export function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
