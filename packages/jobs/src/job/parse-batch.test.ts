import { describe, expect, it, test } from 'vitest';
import { parseBatch, parseBatchItems } from './parse-batch.ts';
import { parseJob } from './parse-job.ts';

const job = 'job: { name: sweep, command: train, env: { EPOCHS: 3 } }\n';

describe('a batch file', () => {
  it('parseBatch reads a job and how each item differs, with paths relative to the file', () => {
    const batch = parseBatch(
      `${job}items: [{ env: { SEED: 1 } }, { command: other, files: { up: [{ from: a, to: a }] } }]\nwindow: 4\nmaxFailures: 0\n`,
      '/jobs/sweep.yaml',
    );
    expect(batch.job).toMatchObject({ name: 'sweep', env: { EPOCHS: '3' } });
    expect(batch.items).toEqual([
      { env: { SEED: '1' } },
      { command: 'other', files: { folder: '/jobs', up: [{ from: '/jobs/a', to: 'a' }], down: [] } },
    ]);
    expect(batch).toMatchObject({ window: 4, maxFailures: 0 });
  });

  it('parseBatch keeps the uploads of the job when an item has other files', () => {
    const up = 'files: { up: [{ from: a, to: a }] }';
    const text = `job: { name: sweep, command: train, ${up} }\nitems: [{ env: { SEED: 1 } }, { files: { up: [] } }]\n`;
    const batch = parseBatch(text, '/jobs/sweep.yaml');
    expect(batch.job).toMatchObject({ files: { folder: '/jobs', up: [{ from: '/jobs/a', to: 'a' }], down: [] } });
    expect(batch.items).toEqual([{ env: { SEED: '1' } }, { files: { up: [], down: [] } }]);
  });

  it('parseBatch makes an item of each combination of a matrix', () => {
    const { items } = parseBatch(`${job}matrix: { LR: [0.1, 0.01], SEED: [1, 2] }\n`, 'sweep.yaml');
    expect(items.map(({ env }) => env)).toEqual([
      { LR: '0.1', SEED: '1' },
      { LR: '0.1', SEED: '2' },
      { LR: '0.01', SEED: '1' },
      { LR: '0.01', SEED: '2' },
    ]);
  });
});

it('parseBatch refuses a matrix with millions of combinations before it makes them', () => {
  const values = JSON.stringify(Array.from({ length: 100 }, (_, value) => value));
  const matrix = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => `${name}: ${values}`).join(', ');
  expect(() => parseBatch(`${job}matrix: { ${matrix} }`, 'sweep.yaml')).toThrow(
    'it has 1000000000000 items, and a batch at most 5000; split it into several',
  );
});

it('parseBatch refuses too many items before it checks each', () => {
  const items = JSON.stringify(Array.from({ length: 5001 }, () => 'not an item'));
  expect(() => parseBatch(`${job}items: ${items}`, 'sweep.yaml')).toThrow(
    'it has 5001 items, and a batch at most 5000',
  );
});

test.each([
  ['[1]', 'it must be a mapping with "job", and "items" or "matrix"'],
  ['a: [', 'Flow sequence'],
  ['items: [{}]', 'job is missing'],
  ['name: x\ncommand: y', 'it is a job, not a batch; pass its items with --items <file>, or'],
  ['job: job.yaml\nitems: [{}]', 'job must be a mapping, as in a job file'],
  [job, 'it needs either items or matrix'],
  [`${job}items: [{}]\nmatrix: { A: [1] }`, 'it needs either items or matrix'],
  [`${job}items: 3`, 'items must be a list'],
  [`${job}items: []`, 'it has no items'],
  [`${job}items: [1]`, 'items[0]: must be a mapping of fields that differ from the job'],
  [`${job}items: [{}, { name: x }]`, 'items[1]: an item cannot have a name'],
  [`${job}items: [{ mode: job-deployment }]`, 'items[0]: an item cannot have a mode'],
  [`${job}items: [{ env: abc }]`, 'items[0]: env must be a mapping'],
  [`${job}items: [{ SEED: 1 }]`, 'items[0]: a job has no field "SEED"'],
  [`${job}items: [{ env: { 1A: x } }]`, 'use letters, digits, and underscores for a variable name'],
  [`${job}matrix: 3`, 'matrix must be a mapping of variables to lists'],
  [`${job}matrix: { A: [] }`, 'matrix.A must be a list of at least one value'],
  [`${job}matrix: { A: [{ b: 1 }, { b: 2 }] }`, 'matrix: env.A must be'],
  [
    'job: { name: x, command: y, files: { up: [{ from: ../a, to: a }] } }\nitems: [{}]',
    /job: files\.up\[0\]\.from leads to .*\/a, outside .*: only files in the folder of the job file can be uploaded/,
  ],
  [
    `${job}items: [{}, { files: { up: [{ from: /etc/passwd, to: a }] } }]`,
    'items[1]: files.up[0].from leads to /etc/passwd, outside',
  ],
  [`${job}items: [{ files: { folder: /, up: [{ from: /etc/passwd, to: a }] } }]`, 'files has no field "folder"'],
  [`${job}items: [{}]\nwindow: 0`, 'window must be a whole number of at least 1, not 0'],
  [`${job}items: [{}]\nfoo: 0`, 'a batch has no field "foo"; allowed are job, items, matrix, window, maxFailures'],
  ['job: { name: x }\nitems: [{}]', 'job: command is missing'],
])('parseBatch refuses %j with a helpful message', (text, message) => {
  expect(() => parseBatch(text, 'sweep.yaml')).toThrow(message);
});

describe('a file of items', () => {
  const template = parseJob('name: sweep\ncommand: train\n', 'job.yaml');

  it('parseBatchItems reads CSV whose first line names variables', () => {
    const text = '\uFEFFSEED,NAME\r\n1,"a, ""b"""\r\n\r\n2,\r\n';
    expect(parseBatchItems(text, 'items.csv', template)).toEqual([
      { env: { SEED: '1', NAME: 'a, "b"' } },
      { env: { SEED: '2', NAME: '' } },
    ]);
  });

  it('parseBatchItems reads JSON Lines of variables', () => {
    expect(parseBatchItems('{"SEED": 1}\n\n{"SEED": true}\n', 'items.jsonl', template)).toEqual([
      { env: { SEED: '1' } },
      { env: { SEED: 'true' } },
    ]);
  });

  it.each([
    ['items.txt', 'x', 'must end in .csv or .jsonl'],
    ['items.csv', '', 'it is empty'],
    ['items.csv', 'A\n', 'it has no items'],
    ['items.csv', 'A,A\n1,2\n', 'names A twice'],
    ['items.csv', 'A,B\n1,2\n1\n', 'line 3 has 1 value for 2 variables'],
    ['items.csv', 'A\n1,2\n', 'line 2 has 2 values for 1 variable'],
    ['items.csv', 'A\n"1\n', 'a quote that is not closed'],
    ['items.csv', 'A B\n1\n', 'line 2: env.A B: use letters, digits, and underscores'],
    ['items.jsonl', '{"A": 1}\n{', 'line 2 is not valid JSON'],
    ['items.jsonl', '[1]', 'line 1 must be a mapping of variables'],
    ['items.jsonl', '{"A": null}', 'line 1: env.A'],
  ])('parseBatchItems refuses %s with the content %j', (file, text, message) => {
    expect(() => parseBatchItems(text, file, template)).toThrow(message);
  });
});

it('the message of an invalid batch has the line and column of a mistyped field, and suggests another', () => {
  const job = 'job:\n  name: sweep\n  command: x\n';
  expect(() => parseBatch(`${job}  limits: { maxCots: 1 }\nmatrix: { A: [1] }\n`, 'sweep.yaml')).toThrow(
    'line 4, column 13: job: limits has no field "maxCots" (did you mean "maxCost"?)',
  );
  expect(() => parseBatch(`${job}matrx: { A: [1] }\n`, 'sweep.yaml')).toThrow(
    'line 4, column 1: a batch has no field "matrx" (did you mean "matrix"?)',
  );
});
