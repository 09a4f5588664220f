import { expect, it } from 'vitest';
import { accountStatements } from './account-statement.ts';

it('a malformed setting of one cloud is its statement, and the others are asked', async () => {
  const env = {
    VERDA_CLIENT_ID: 'id',
    VERDA_CLIENT_SECRET: 'secret',
    VERDA_BASE_URL: 'not a URL',
    TENSORDOCK_API_KEY: 'key',
    TENSORDOCK_API_TOKEN: 'token',
  };
  const fetch = async () => Response.json({ success: true, balance: 12.5 });
  expect(await accountStatements({ env, fetch, since: new Date(0) })).toEqual([
    { vendor: 'tensordock', balance: 12.5 },
    { vendor: 'verda', message: expect.stringContaining('VERDA_BASE_URL') },
  ]);
});
