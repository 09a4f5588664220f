import { expect, test } from 'vitest';
import { answerOf, documentOf } from './__fixtures__/document.ts';
import { emitMethods } from './emit-methods.ts';
import { operationTable } from './operation-table.ts';
import type { ThrownFailure, VendorRules } from './vendor-rules.ts';

const union = answerOf({ oneOf: [{ type: 'object' }, { $ref: '#/components/schemas/Failure' }] });
const document = documentOf(
  {
    'POST /things': { operationId: 'createThing', ...union },
    'POST /bids': { operationId: 'tryBid', ...union },
    'GET /things': { operationId: 'listThings', ...answerOf({ type: 'array' }) },
  },
  { Failure: { type: 'object' } },
);

function methodsWith(thrownFailure: ThrownFailure): string[] {
  const rules: VendorRules = {
    ...{ vendor: 'acme', published: 'published.yaml', client: 'Acme', credentials: [], repeatable: {}, pages: [] },
    thrownFailure,
  };
  return emitMethods(document, operationTable(document, rules), rules);
}

test("a method's return type excludes the failure that the method throws", () => {
  const lines = methodsWith({ schema: 'Failure', answerOf: ['tryBid'] });
  expect(lines).toContain("  createThing: Method<Succeeding<operations['createThing']>>;");
  expect(lines).toContain("  tryBid: Method<operations['tryBid']>;");
  expect(lines).toContain("  listThings: Method<operations['listThings']>;");
});

test('a declared failure schema that the document lacks is an error', () => {
  expect(() => methodsWith({ schema: 'Trouble', answerOf: [] })).toThrow(
    'No operation returns the declared failure Trouble',
  );
  expect(() => methodsWith({ schema: 'Failure', answerOf: ['listThings'] })).toThrow(
    'Failure is not a response of listThings',
  );
});
