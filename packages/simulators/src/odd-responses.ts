import { gzipSync } from 'node:zlib';

/** Keeps the first half of the body. */
export async function truncated(response: Response): Promise<Response> {
  const body = await response.bytes();
  return new Response(body.subarray(0, Math.floor(body.length / 2)), response);
}

/** MiB of spaces, in members of 16 MiB each: a gzip stream may have several members. */
const hugeMiB = 512;
const memberMiB = 16;

/** Puts 512 MiB of spaces before the body, compressed to half a MiB. */
export async function huge(response: Response): Promise<Response> {
  const spaces = gzipSync(Buffer.alloc(memberMiB * 1024 * 1024, ' '));
  const members = Array.from({ length: hugeMiB / memberMiB }, () => spaces);
  const headers = new Headers(response.headers);
  headers.set('content-encoding', 'gzip');
  const body = Buffer.concat([...members, gzipSync(await response.bytes())]);
  return new Response(body, { status: response.status, headers });
}

/** Sends the first half of the body at once, and the rest after a wait. */
export async function delayed(response: Response, wait: () => Promise<void>): Promise<Response> {
  const body = await response.bytes();
  const half = Math.floor(body.length / 2);
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(body.subarray(0, half));
      await wait();
      controller.enqueue(body.subarray(half));
      controller.close();
    },
  });
  return new Response(stream, response);
}
