import type { ErrorResponse } from './answer.ts';
import { isRecord } from './record.ts';

/**
 * Returns the JSON object in the body of a request; an empty object when there is no body.
 * @throws the error of `createError` when the body is not a JSON object
 */
export async function readJsonBody(
  request: Request,
  createError: () => ErrorResponse,
): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text.trim() === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return { ...body };
  } catch {
    // Handled below, together with JSON that is not an object.
  }
  throw createError();
}
