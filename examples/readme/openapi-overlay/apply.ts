import { readFile } from 'node:fs/promises';
import { applyOverlay, OverlayError, parseDocument, parseOverlay, stringifyYaml } from '@gpu-clouds/openapi-overlay';

const published = await readFile('published.json', 'utf8');
const patches = await readFile('overlay.yaml', 'utf8');
try {
  const overlay = parseOverlay(patches, 'overlay.yaml');
  const patched = applyOverlay(parseDocument(published, 'published.json'), overlay, { requireEvidence: true });
  console.log(stringifyYaml(patched));
} catch (error) {
  if (!OverlayError.isInstance(error)) throw error;
  console.error(error.message); // a line a problem; error.problems has them as data
}
