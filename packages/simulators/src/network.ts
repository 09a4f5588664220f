import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Vendor } from './vendor.ts';

/** Handles one accepted TCP connection. */
export type ConnectionHandler = (socket: Socket) => void;

/** The address and port of an instance's SSH server. Closed until {@link SshEndpoint.accept} is called. */
export interface SshEndpoint {
  readonly host: string;
  /** Port; for {@link Network.ownPort}, 0 until the first {@link SshEndpoint.accept}. */
  readonly port: number;
  /** Listens and passes each connection to `onConnection`. */
  accept(onConnection: ConnectionHandler): Promise<void>;
  /** Closes open connections and accepts no new ones. */
  stopAccepting(): Promise<void>;
}

/** An SSH endpoint whose port can be reserved before an instance uses it. */
export interface ReservedSshEndpoint extends SshEndpoint {
  /** Reserves a free port: listens on it, and closes connections while no instance accepts them. */
  reserve(): Promise<void>;
}

const loopback = '127.0.0.1';
/** Part of 127.0.0.0/8. Linux answers on every address of it. */
const instanceNetwork = '127.77';

/** Assigns loopback addresses and ports. Nothing listens before {@link Network.open}. */
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

  /** @param vendors the vendors whose instances each have their own address and share one port number */
  async open(vendors: readonly Vendor[]): Promise<void> {
    for (const vendor of vendors)
      this.#sshPorts.set(vendor, await this.#reserve(ownAddresses() ? `${instanceNetwork}.255.254` : loopback));
    this.#open = true;
  }

  /** Returns the port that stands in for port 22 with a vendor whose instances each have their own address. */
  sshPort(vendor: Vendor): number {
    return this.#sshPorts.get(vendor) ?? 22;
  }

  /**
   * Returns an endpoint at an address of its own. Outside Linux it is 127.0.0.1 for all, so only one can listen at a
   * time.
   */
  ownAddress(vendor: Vendor): SshEndpoint {
    this.#instances += 1;
    const host = ownAddresses()
      ? `${instanceNetwork}.${Math.floor(this.#instances / 250) % 250}.${(this.#instances % 250) + 1}`
      : loopback;
    return this.#sshEndpoint(host, this.sshPort(vendor));
  }

  /** Returns an endpoint at a port of its own on 127.0.0.1. */
  ownPort(): SshEndpoint {
    return this.#sshEndpoint(loopback, 0);
  }

  /** Returns `count` endpoints on 127.0.0.1. Their ports are made up until {@link ReservedSshEndpoint.reserve}. */
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

  /** Reserves a port, so that no other process takes it while no instance runs. */
  async #reserve(host: string): Promise<number> {
    const server = createServer((socket) => socket.destroy());
    await listening(server, host, 0);
    const port = portOf(server);
    // Outside Linux, all instances share this address, so an instance must be able to listen on the port.
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
    // Otherwise each short message of the SSH handshake waits 40 ms for an acknowledgement.
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
