import type { ErrorResponse } from './answer.ts';
import { isRecord } from './record.ts';

/** A JSON object from a request; empty when there is no body. @throws what `refuse` makes when it is no JSON object */
export async function readJsonBody(request: Request, refuse: () => ErrorResponse): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text.trim() === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return { ...body };
  } catch {
    // Refused below.
  }
  throw refuse();
}
