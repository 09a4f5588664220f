import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GenerationError } from '../generate/generation-error.ts';
import { publishedDocument, refuseTruncated } from '../generate/published-document.ts';
import type { VendorRules } from '../generate/vendor-rules.ts';
import { isProposable, type Proposal, proposalBody } from './proposal.ts';

export interface FetchOptions {
  readonly root: string;
  readonly vendors: readonly VendorRules[];
  readonly fetch: (url: string, init: { signal: AbortSignal }) => Promise<Response>;
  /** Runs `pnpm generate VENDOR --changeset`. */
  readonly generate: (vendor: string) => Promise<{ fine: boolean; said: string }>;
  /** Returns the files of the working copy that differ from the commit. */
  readonly changedFiles: () => Promise<readonly string[]>;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const timeoutMs = 60_000;
const maxBytes = 8 * 1024 * 1024;

/** Fetches the vendors' documents, puts new ones in place, generates, and returns what to propose. A vendor that fails is told and skipped. */
export async function fetchDocuments(options: FetchOptions): Promise<{ fine: boolean; proposals: Proposal[] }> {
  const proposals: Proposal[] = [];
  let fine = true;
  for (const rules of options.vendors) {
    try {
      const proposal = await proposalOf(rules, options);
      if (proposal) proposals.push(proposal);
    } catch (error) {
      if (!(error instanceof GenerationError)) throw error;
      fine = false;
      options.complain(`${rules.vendor}: ${error.message}`);
    }
  }
  return { fine, proposals };
}

async function proposalOf(rules: VendorRules, options: FetchOptions): Promise<Proposal | undefined> {
  const { vendor, published, upstream } = rules;
  if (upstream === undefined) {
    options.print(`${vendor}: The vendor publishes no document at a fixed address.`);
    return undefined;
  }
  const path = `specs/${vendor}/${published}`;
  const earlier = await readFile(join(options.root, path));
  const bytes = await download(upstream, options);
  if (bytes.equals(earlier)) {
    options.print(`${vendor}: ${path} is current.`);
    return undefined;
  }
  refuseTruncated(bytes, earlier, upstream);
  publishedDocument(bytes, upstream);
  await writeFile(join(options.root, path), bytes);
  const { fine, said } = await options.generate(vendor);
  options.print(`${vendor}: ${upstream} has a new document.`);
  const paths = (await options.changedFiles()).filter((changed) => isProposable(vendor, changed));
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return {
    vendor,
    branch: `upstream/${vendor}-${digest}`,
    title: `specs: update the document of ${vendor}`,
    body: proposalBody(vendor, upstream, said, fine),
    files: await Promise.all(
      paths.map(async (file) => ({ path: file, content: await readFile(join(options.root, file), 'utf8') })),
    ),
  };
}

async function download(url: string, { fetch }: FetchOptions): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new GenerationError(`${url} answered ${response.status}.`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > maxBytes) throw new GenerationError(`${url} has more than ${maxBytes} bytes.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof GenerationError) throw error;
    throw new GenerationError(
      `${url} could not be fetched: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
