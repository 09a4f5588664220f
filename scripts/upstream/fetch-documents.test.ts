import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acmeDocument, acmeRules, Workshop } from '../generate/__fixtures__/acme.ts';
import { type FetchOptions, fetchDocuments } from './fetch-documents.ts';

const upstream = 'https://api.acme.test/openapi.yaml';
const changed = acmeDocument.replace('https://api.acme.test', 'https://eu.acme.test');

/** Fetches with the vendor answering `answer`. */
async function fetched(
  workshop: Workshop,
  answer: () => Response | Promise<Response>,
  rules = { ...acmeRules, upstream },
) {
  const lines: string[] = [];
  const options: FetchOptions = {
    root: workshop.root,
    vendors: [rules],
    fetch: async (url) => {
      expect(url).toBe(upstream);
      return answer();
    },
    generate: async () => {
      const { fine, said } = await workshop.generate();
      await workshop.write('.github/workflows/evil.yml', 'on: push');
      return { fine, said };
    },
    changedFiles: async () =>
      [
        'specs/acme/published.yaml',
        'packages/acme/METHODS.md',
        'packages/acme/src/generated/operations.ts',
        '.github/workflows/evil.yml',
      ].filter((file) => existsSync(join(workshop.root, file))),
    print: (line) => lines.push(line),
    complain: (line) => lines.push(line),
  };
  return { ...(await fetchDocuments(options)), said: lines.join('\n') };
}

test('a document that has not changed is not proposed', async () => {
  await using workshop = await Workshop.open();
  const { fine, proposals, said } = await fetched(workshop, () => new Response(acmeDocument));
  expect({ fine, proposals, said }).toEqual({
    fine: true,
    proposals: [],
    said: 'acme: specs/acme/published.yaml is current.',
  });
});

test('a new document is proposed with its report and with files of the vendor only', async () => {
  await using workshop = await Workshop.open();
  const { fine, proposals } = await fetched(workshop, () => new Response(changed));
  expect(fine).toBe(true);
  const [proposal] = proposals;
  expect(proposal?.branch).toMatch(/^upstream\/acme-[0-9a-f]{12}$/);
  expect(proposal?.title).toBe('specs: update the document of acme');
  expect(proposal?.body).toContain('servers[0].url: "https://api.acme.test" -> "https://eu.acme.test"');
  expect(proposal?.body).toContain('All patches still apply.');
  expect(proposal?.files.map(({ path }) => path)).toEqual([
    'specs/acme/published.yaml',
    'packages/acme/METHODS.md',
    'packages/acme/src/generated/operations.ts',
  ]);
  expect(proposal?.files[0]?.content).toBe(changed);
  expect(proposal?.files[2]?.content).toContain('https://eu.acme.test');
});

test('a new document that breaks a patch is proposed too, with the next step', async () => {
  await using workshop = await Workshop.open();
  const broken = acmeDocument.replace('        status: {', '        state: {').replace('[id, status]', '[id]');
  const { fine, proposals } = await fetched(workshop, () => new Response(broken));
  expect(fine).toBe(true);
  expect(proposals[0]?.body).toContain('Some patches need work.');
  expect(proposals[0]?.body).toContain('matches nothing: actions[0]');
});

test('words of a vendor cannot leave the code block of a pull request', async () => {
  await using workshop = await Workshop.open();
  const words = acmeDocument.replace('Check the key', "'```` @everyone'");
  const { proposals } = await fetched(workshop, () => new Response(words));
  expect(proposals[0]?.body).toMatch(/\n`{7}text\n[\s\S]*@everyone[\s\S]*\n`{7}\n$/);
});

test.each<[string, () => Response | Promise<Response>, string]>([
  ['an error', () => new Response('', { status: 503 }), `${upstream} answered 503.`],
  ['no answer', () => Promise.reject(new TypeError('fetch failed')), `${upstream} could not be fetched: fetch failed.`],
  ['half of the document', () => new Response(acmeDocument.slice(0, 700)), `${upstream} has only the first 700 of`],
  ['a page', () => new Response('<html></html>'), `${upstream} has no "openapi" version.`],
  ['too much', () => new Response(new Uint8Array(9_000_000)), `${upstream} has more than 8388608 bytes.`],
])('fetchDocuments reports a vendor that answers with %s, and changes nothing', async (_, answer, message) => {
  await using workshop = await Workshop.open();
  const { fine, proposals, said } = await fetched(workshop, answer);
  expect(fine).toBe(false);
  expect(proposals).toEqual([]);
  expect(said).toContain(`acme: ${message}`);
  expect(await workshop.read('specs/acme/published.yaml')).toBe(acmeDocument);
});
