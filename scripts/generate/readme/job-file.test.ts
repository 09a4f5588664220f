import { expect, test } from 'vitest';
import { Workshop } from '../__fixtures__/acme.ts';

const schema = 'packages/jobs/src/generated/job.schema.json';
const properties = {
  mode: { const: 'instance', default: 'instance', description: 'Where the job runs.' },
  limits: {
    type: 'object',
    default: {},
    description: 'Caps.',
    required: ['idle'],
    properties: {
      maxDuration: { type: 'string', pattern: '^(\\d+)(s|m|h|d)$', default: '24h', description: 'Time. Default: 24h.' },
      idle: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
    },
  },
  up: {
    type: 'array',
    default: [],
    maxItems: 5,
    items: { type: 'object', properties: { to: { type: 'string', description: 'A place.' } } },
  },
  gpu: { anyOf: [{ type: 'string' }, { type: 'array', items: { enum: ['a', 'b'] } }] },
};

test('JOB_FILE.md lists every field with its type, range, default, and description, and --check fails when it is stale', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('packages/core/README.md', '# Core\n');
  await workshop.write(schema, JSON.stringify({ oneOf: [{ properties, required: ['mode'] }] }));
  await workshop.generate({ shared: true });
  expect(await workshop.read('packages/jobs/JOB_FILE.md')).toContain(`## Mode \`instance\`

- \`mode\` (\`instance\`, required): Where the job runs.
- \`limits\` (mapping): Caps.
  - \`maxDuration\` (duration such as \`90s\`, \`30m\`, \`2h\`, or \`1d\`): Time. Default: 24h.
  - \`idle\` (number, more than 0, at most 100, required)
- \`up\` (list, at most 5 entries, default \`[]\`)
  - \`to\` (text): A place.
- \`gpu\` (text or list of \`a\` or \`b\`)
`);
  await workshop.write(schema, JSON.stringify({ oneOf: [{ properties: { mode: properties.mode } }] }));
  expect(await workshop.generate({ shared: true, check: true })).toMatchObject({ fine: false });
});
