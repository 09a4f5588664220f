import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const allowed = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Expose-Headers': '*',
};

/** Lets pages of any origin call the API at `target`. The vendors do not allow this: their APIs are not for pages. */
export async function startCorsProxy(target: string): Promise<{ readonly baseUrl: string; readonly server: Server }> {
  const server = createServer(async (request, response) => {
    if (request.method === 'OPTIONS') {
      const headers = request.headers['access-control-request-headers'] ?? '';
      response.writeHead(204, { ...allowed, 'Access-Control-Allow-Headers': headers }).end();
      return;
    }
    try {
      const answer = await forwarded(request, target);
      const text = await answer.text();
      // fetch has decoded the body, so its encoding and length no longer apply.
      const headers = [...answer.headers].filter(
        ([name]) => !/^(content-(encoding|length)|transfer-encoding)$/.test(name),
      );
      response.writeHead(answer.status, { ...Object.fromEntries(headers), ...allowed }).end(text);
    } catch {
      response.destroy();
    }
  });
  const baseUrl = new URL(target);
  baseUrl.port = String(await listenOnLoopback(server));
  return { baseUrl: baseUrl.href.replace(/\/$/, ''), server };
}

async function forwarded(request: IncomingMessage, target: string): Promise<Response> {
  const { authorization, accept, 'content-type': type } = request.headers;
  const headers = Object.entries({ authorization, accept, 'content-type': type });
  const body = await text(request);
  return fetch(new URL(request.url ?? '/', target), {
    method: request.method ?? 'GET',
    headers: headers.filter((header): header is [string, string] => header[1] !== undefined),
    body: body === '' ? null : body,
  });
}

/** Listens on a free port of 127.0.0.1, and returns the port. */
export async function listenOnLoopback(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Reads the whole body of a request. */
export async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
