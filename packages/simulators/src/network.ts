import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Vendor } from './vendor.ts';

export type ConnectionHandler = (socket: Socket) => void;

/** A place where SSH of one machine can answer. Closed until somebody is admitted. */
export interface SshEndpoint {
  readonly host: string;
  /** For a port of its own: known from the first {@link accept}. */
  readonly port: number;
  accept(onConnection: ConnectionHandler): Promise<void>;
  /** Takes nobody any more and cuts who is connected. */
  stopAccepting(): Promise<void>;
}

/** A port that is kept for machines to come. */
export interface ReservedSshEndpoint extends SshEndpoint {
  /** Takes a free port and keeps it: from now on it listens, and cuts whoever comes while nobody is admitted. */
  reserve(): Promise<void>;
}

const loopback = '127.0.0.1';
/** Of 127.0.0.0/8, which Linux answers as a whole. */
const instanceNetwork = '127.77';

/** Gives out addresses and ports on loopback. Before {@link open}, nothing listens and every address is only a name. */
export class Network {
  #open = false;
  #instances = 0;
  #fakePort = 20_000;
  readonly #reservations: Server[] = [];
  readonly #sshEndpoints = new Set<ListeningSshEndpoint>();
  readonly #sshPorts = new Map<Vendor, number>();

  get isOpen(): boolean {
    return this.#open;
  }

  /** @param vendors those that promise every machine an address of its own and one port for all */
  async open(vendors: readonly Vendor[]): Promise<void> {
    for (const vendor of vendors)
      this.#sshPorts.set(vendor, await this.#reserve(ownAddresses() ? `${instanceNetwork}.255.254` : loopback));
    this.#open = true;
  }

  /** The port that stands for 22 with a vendor whose machines have an address each. */
  sshPort(vendor: Vendor): number {
    return this.#sshPorts.get(vendor) ?? 22;
  }

  /** An address of the machine's own. Outside Linux it is 127.0.0.1 for all, so that only one can be up at a time. */
  ownAddress(vendor: Vendor): SshEndpoint {
    this.#instances += 1;
    const host = ownAddresses()
      ? `${instanceNetwork}.${Math.floor(this.#instances / 250) % 250}.${(this.#instances % 250) + 1}`
      : loopback;
    return this.#sshEndpoint(host, this.sshPort(vendor));
  }

  /** A port of the machine's own on 127.0.0.1. */
  ownPort(): SshEndpoint {
    return this.#sshEndpoint(loopback, 0);
  }

  /** Ports on 127.0.0.1, made-up ones until they are held. */
  ports(count: number): readonly ReservedSshEndpoint[] {
    return Array.from({ length: count }, () => this.#sshEndpoint(loopback, ++this.#fakePort));
  }

  async close(): Promise<void> {
    this.#open = false;
    await Promise.all([...this.#sshEndpoints].map((sshEndpoint) => sshEndpoint.close()));
    await Promise.all(this.#reservations.map(closed));
  }

  #sshEndpoint(host: string, port: number): ListeningSshEndpoint {
    const sshEndpoint = new ListeningSshEndpoint(host, port);
    this.#sshEndpoints.add(sshEndpoint);
    return sshEndpoint;
  }

  /** Keeps the port, so that nobody else gets it while no machine is up. */
  async #reserve(host: string): Promise<number> {
    const server = createServer((socket) => socket.destroy());
    await listening(server, host, 0);
    const port = portOf(server);
    // Where all machines share one address, the port has to be free for the machine.
    if (ownAddresses()) this.#reservations.push(server);
    else await closed(server);
    return port;
  }
}

class ListeningSshEndpoint implements ReservedSshEndpoint {
  readonly host: string;
  #port: number;
  #server: Server | undefined;
  #reserved = false;
  #onConnection: ConnectionHandler | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(host: string, port: number) {
    this.host = host;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  async accept(onConnection: ConnectionHandler): Promise<void> {
    this.#onConnection = onConnection;
    await this.#listen();
  }

  async reserve(): Promise<void> {
    this.#reserved = true;
    this.#port = 0;
    await this.#listen();
  }

  async stopAccepting(): Promise<void> {
    this.#onConnection = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#reserved) await this.close();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await closed(server);
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((socket) => this.#handleConnection(socket));
    this.#server = server;
    await listening(server, this.host, this.#port);
    this.#port = portOf(server);
  }

  #handleConnection(socket: Socket): void {
    if (this.#onConnection === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    // The short messages of SSH's handshake would wait 40 ms each for an acknowledgement.
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    this.#onConnection(socket);
  }
}

function ownAddresses(): boolean {
  return process.platform === 'linux';
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
