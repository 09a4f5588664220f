import { afterEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from './api-error.ts';
import { baseUrl, credential, environment } from './environment.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

function thrownBy(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    if (ApiError.isInstance(error)) return error;
  }
  throw new Error('expected an ApiError');
}

describe('a credential', () => {
  const source = { vendor: 'acme', option: 'apiKey', variable: 'ACME_API_KEY' };

  test('a credential comes from the option, then from the environment, without surrounding white space', () => {
    vi.stubEnv('ACME_API_KEY', 'from-environment\n');
    expect(credential({ ...source, value: 'from-option' })).toBe('from-option');
    expect(credential({ ...source, value: undefined })).toBe('from-environment');
  });

  test('a missing credential is an error that names the option and the variable', () => {
    vi.stubEnv('ACME_API_KEY', '');
    const error = thrownBy(() => credential({ ...source, value: undefined }));
    expect(error.code).toBe('missing-credential');
    expect(error.message).toBe(
      'acme: no credentials. Set the environment variable ACME_API_KEY, or pass the option apiKey.',
    );
  });
});

test('environment returns undefined when there is no readable environment', () => {
  vi.stubGlobal('process', undefined);
  expect(environment('PATH')).toBeUndefined();
  vi.stubGlobal('process', {
    get env(): never {
      throw new Error('NotCapable');
    },
  });
  expect(environment('PATH')).toBeUndefined();
});

describe('a base URL', () => {
  const source = { vendor: 'acme', value: undefined, variable: 'ACME_BASE_URL', fallback: 'https://api.acme.test/v1' };

  test('a base URL comes from the option, the environment, or the document, in this order', () => {
    expect(baseUrl(source)).toBe('https://api.acme.test/v1');
    vi.stubEnv('ACME_BASE_URL', 'http://127.0.0.1:7000/');
    expect(baseUrl(source)).toBe('http://127.0.0.1:7000');
    expect(baseUrl({ ...source, value: 'https://proxy.test/x//' })).toBe('https://proxy.test/x');
  });

  test.each(['', 'api.acme.test', 'ftp://api.acme.test', 'https://user:pass@api.acme.test', 'https://a.test/?x=1'])(
    'of %j is an error that does not repeat it',
    (value) => {
      const error = thrownBy(() => baseUrl({ ...source, value }));
      expect(error.code).toBe('invalid-option');
      expect(error.message).toContain('the option baseUrl must be an http or https URL');
      expect(error.message).not.toContain('pass@');
    },
  );
});
