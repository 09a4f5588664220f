import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { ServerChannel } from 'ssh2';
import { startSshServer, type TestSshServerOptions } from '../ssh-server.ts';
import { publicKey } from './victims.ts';

/** Something that listens and means harm. */
export interface Hostile {
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<Hostile> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port = 0 }: Partial<AddressInfo> = Object(server.address());
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A vendor that answers every request in the same way. */
export function vendor(answer: (response: ServerResponse, request: IncomingMessage) => unknown) {
  return () => listening(createHttpServer((request, response) => void answer(response, request)));
}

/** A host that speaks first, and not necessarily SSH. */
export function host(speak: (socket: Socket) => unknown) {
  return () => listening(createServer((socket) => void speak(socket)));
}

/** An instance whose SSH server lets the worker in. */
export function instance(options: TestSshServerOptions) {
  return async (): Promise<Hostile> => {
    const server = await startSshServer(options);
    server.allowed.add(publicKey);
    return { port: server.address.port, close: () => server.close() };
  };
}

/** Writes the piece again and again, up to a number of bytes, for as long as somebody takes it. */
export async function flood(to: Writable, piece: Uint8Array | string, bytes = 2 ** 40): Promise<void> {
  const closed = new Promise<void>((resolve) => to.once('close', resolve).once('error', () => resolve()));
  for (let sent = 0; sent < bytes && !to.destroyed && to.writable; sent += Buffer.byteLength(piece)) {
    if (to.write(piece)) continue;
    await Promise.race([closed, new Promise<void>((resolve) => to.once('drain', resolve))]);
    await turn();
  }
}

/** Answers scripts one after the other, the last answer for all that follow. */
export function answers(...each: readonly ((channel: ServerChannel) => unknown)[]) {
  let count = 0;
  return (channel: ServerChannel) => void each[Math.min(count++, each.length - 1)]?.(channel);
}

/** Says something, and ends successfully. */
export function says(text: string | Uint8Array) {
  return (channel: ServerChannel) => {
    channel.write(text);
    channel.exit(0);
    channel.end();
  };
}
