import { describe, expectTypeOf, test } from 'vitest';
import { ApiError, type ApiErrorCode } from './api-error.ts';

const caught: unknown = undefined;

describe('an error', () => {
  test('is known by its guard and by instanceof, and is an Error', () => {
    if (ApiError.isInstance(caught)) expectTypeOf(caught).toEqualTypeOf<ApiError>();
    if (caught instanceof ApiError) expectTypeOf(caught.code).toEqualTypeOf<ApiErrorCode>();
    expectTypeOf<ApiError>().toExtend<Error>();
  });

  test('narrows by its code', () => {
    if (!ApiError.isInstance(caught)) return;
    expectTypeOf(caught.status).toEqualTypeOf<number | undefined>();
    switch (caught.code) {
      case 'rate-limited':
        expectTypeOf(caught.status).toEqualTypeOf<number | undefined>();
        expectTypeOf(caught.retryAfterMs).toEqualTypeOf<number | undefined>();
        break;
      case 'server':
      case 'conflict':
      case 'not-found':
      case 'permission':
      case 'funds':
      case 'vendor-failure':
        expectTypeOf(caught.status).toEqualTypeOf<number>();
        break;
      case 'aborted':
      case 'connection':
      case 'deadline':
        expectTypeOf(caught.status).toEqualTypeOf<undefined>();
        expectTypeOf(caught.mayHaveTakenEffect).toEqualTypeOf<boolean>();
        break;
      case 'invalid-option':
      case 'missing-credential':
        expectTypeOf(caught.status).toEqualTypeOf<undefined>();
        expectTypeOf(caught.attempts).toEqualTypeOf<0>();
        expectTypeOf(caught.mayHaveTakenEffect).toEqualTypeOf<false>();
        break;
      case 'authentication':
      case 'timeout':
      case 'unreadable':
      case 'invalid':
        expectTypeOf(caught.status).toEqualTypeOf<number | undefined>();
        break;
      default:
        expectTypeOf(caught).toBeNever();
    }
  });
});
