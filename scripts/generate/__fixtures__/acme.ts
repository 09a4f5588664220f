import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GenerateOptions, generate } from '../pipeline.ts';
import type { UpgradeReport } from '../upgrade/report.ts';
import { reportText } from '../upgrade/report-text.ts';
import type { VendorRules } from '../vendor-rules.ts';

export const acmeRules: VendorRules = {
  vendor: 'acme',
  published: 'published.yaml',
  client: 'Acme',
  credentials: ['ACME_API_KEY'],
  bodyCredentials: ['api_key'],
  repeatable: { checkKey: { repeatable: true, reason: 'Only checks the key.' } },
  pages: [
    {
      rule: { style: 'cursor', cursor: 'cursor', next: 'next_cursor', items: 'data' },
      operations: ['listMachines'],
    },
  ],
};

/** A small published document with a closed enum, credentials in bodies, and a paged list. */
export const acmeDocument = `openapi: 3.1.0
info: { title: Acme, version: '1', license: { name: MIT, identifier: MIT } }
servers: [{ url: 'https://api.acme.test' }]
security: []
paths:
  /machines:
    get:
      operationId: listMachines
      summary: List machines
      description: |
        All of them, */ even these.
        @everyone reads this.
      x-credentials: none
      parameters:
        - { name: cursor, in: query, schema: { type: string } }
      responses:
        '200':
          description: A page
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data: { type: array, items: { $ref: '#/components/schemas/Machine' } }
                  next_cursor: { type: [string, 'null'] }
        4XX: { description: Not now }
    post:
      operationId: createMachine
      summary: Create a machine
      deprecated: true
      x-credentials: form
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              allOf:
                - $ref: '#/components/schemas/Credentials'
                - type: object
                  required: [name]
                  properties: { name: { type: string } }
      responses:
        '201':
          description: Made
          content: { text/plain: { schema: { type: string, example: m-1 } } }
        4XX: { description: Not so }
  /key/check:
    post:
      operationId: checkKey
      summary: Check the key
      x-credentials: form
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: { schema: { $ref: '#/components/schemas/Credentials' } }
      responses:
        '204': { description: Good }
        4XX: { description: Bad }
components:
  schemas:
    Credentials:
      type: object
      required: [api_key]
      properties: { api_key: { type: string } }
    Machine:
      type: object
      required: [id, status]
      properties:
        id: { type: string, example: m-1 }
        status: { type: string, enum: [running, stopped] }
`;

export const acmeOverlay = `overlay: 1.1.0
info: { title: Acme patches, version: 1.0.0 }
actions:
  - target: $.components.schemas.Machine.properties.status
    x-reason: The vendor adds states without notice.
    x-evidence: the vendor's changelog
    x-grade: A
    remove: true
  - target: $.components.schemas.Machine.properties
    x-reason: The vendor adds states without notice.
    x-evidence: the vendor's changelog
    x-grade: A
    update:
      status:
        x-open-enum: true
        anyOf: [{ type: string, enum: [running, stopped] }, { type: string }]
  - target: $.paths['/machines'].get.parameters[0]
    x-reason: The parameter has no description.
    x-evidence: the vendor's changelog
    x-grade: A
    update: { description: From the page before. }
`;

const published = 'specs/acme/published.yaml';
const overlay = 'specs/acme/overlay.yaml';

/** A temporary root folder with one small vendor. Disposing it removes the folder. */
export class Workshop {
  readonly root: string;

  /** The published document that new ones are compared with. */
  #committed = acmeDocument;

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), 'gpu-clouds-generate-')));
    await workshop.write(published, acmeDocument);
    await workshop.write(overlay, acmeOverlay);
    return workshop;
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), text);
  }

  read(path: string): Promise<string> {
    return readFile(join(this.root, path), 'utf8');
  }

  /** Replaces `from` with `to` in the published document or the overlay. */
  async doctor(file: 'published' | 'overlay', from: string, to: string): Promise<void> {
    const path = file === 'published' ? published : overlay;
    const text = await this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    await this.write(path, text.replace(from, to));
  }

  /** Makes the published document the one that new ones are compared with. */
  async commit(): Promise<void> {
    this.#committed = await this.read(published);
  }

  /** Runs generation. `said` is everything printed, with the reports as text. */
  async generate(
    options: Partial<GenerateOptions> = {},
  ): Promise<{ fine: boolean; said: string; reports: readonly UpgradeReport[] }> {
    const lines: string[] = [];
    const reports: UpgradeReport[] = [];
    const hear = (line: string) => lines.push(line);
    const fine = await generate({
      root: this.root,
      vendors: [acmeRules],
      shared: false,
      check: false,
      baseline: {
        name: 'HEAD',
        read: (path) => (path === published ? Buffer.from(this.#committed) : undefined),
      },
      report: (report) => {
        reports.push(report);
        lines.push(...reportText(report));
      },
      print: hear,
      complain: hear,
      ...options,
    });
    return { fine, said: lines.join('\n'), reports };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}
