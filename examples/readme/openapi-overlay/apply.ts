import { readFile } from 'node:fs/promises';
import { applyOverlayToText, OverlayError, parseOverlay } from '@gpu-clouds/openapi-overlay';

const published = { file: 'published.yaml', content: await readFile('published.yaml') };
const patches = await readFile('overlay.yaml');
try {
  const overlay = parseOverlay(patches, 'overlay.yaml');
  console.log(applyOverlayToText(published, overlay, { requireEvidence: true }));
} catch (error) {
  if (!OverlayError.isInstance(error)) throw error;
  console.error(error.message); // one line per problem; error.problems has them as data
}
