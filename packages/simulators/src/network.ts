import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Vendor } from './vendor.ts';

export type Guest = (socket: Socket) => void;

/** A place where SSH of one machine can answer. Closed until somebody is admitted. */
export interface Door {
  readonly host: string;
  /** For a port of its own: known from the first {@link admit}. */
  readonly port: number;
  admit(guest: Guest): Promise<void>;
  /** Takes nobody any more and cuts who is connected. */
  shut(): Promise<void>;
}

/** A port that is kept for machines to come. */
export interface KeptDoor extends Door {
  /** Takes a free port and keeps it: from now on it listens, and cuts whoever comes while nobody is admitted. */
  hold(): Promise<void>;
}

const loopback = '127.0.0.1';
/** Of 127.0.0.0/8, which Linux answers as a whole. */
const machineNet = '127.77';

/** Gives out addresses and ports on loopback. Before {@link open}, nothing listens and every address is only a name. */
export class Network {
  #open = false;
  #machines = 0;
  #fakePort = 20_000;
  readonly #reservations: Server[] = [];
  readonly #doors = new Set<ListeningDoor>();
  readonly #sshPorts = new Map<Vendor, number>();

  get isOpen(): boolean {
    return this.#open;
  }

  /** @param vendors those that promise every machine an address of its own and one port for all */
  async open(vendors: readonly Vendor[]): Promise<void> {
    for (const vendor of vendors)
      this.#sshPorts.set(vendor, await this.#reserve(ownAddresses() ? `${machineNet}.255.254` : loopback));
    this.#open = true;
  }

  /** The port that stands for 22 with a vendor whose machines have an address each. */
  sshPort(vendor: Vendor): number {
    return this.#sshPorts.get(vendor) ?? 22;
  }

  /** An address of the machine's own. Outside Linux it is 127.0.0.1 for all, so that only one can be up at a time. */
  ownAddress(vendor: Vendor): Door {
    this.#machines += 1;
    const host = ownAddresses()
      ? `${machineNet}.${Math.floor(this.#machines / 250) % 250}.${(this.#machines % 250) + 1}`
      : loopback;
    return this.#door(host, this.sshPort(vendor));
  }

  /** A port of the machine's own on 127.0.0.1. */
  ownPort(): Door {
    return this.#door(loopback, 0);
  }

  /** Ports on 127.0.0.1, made-up ones until they are held. */
  ports(count: number): readonly KeptDoor[] {
    return Array.from({ length: count }, () => this.#door(loopback, ++this.#fakePort));
  }

  async close(): Promise<void> {
    this.#open = false;
    await Promise.all([...this.#doors].map((door) => door.close()));
    await Promise.all(this.#reservations.map(closed));
  }

  #door(host: string, port: number): ListeningDoor {
    const door = new ListeningDoor(host, port);
    this.#doors.add(door);
    return door;
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

class ListeningDoor implements KeptDoor {
  readonly host: string;
  #port: number;
  #server: Server | undefined;
  #held = false;
  #guest: Guest | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(host: string, port: number) {
    this.host = host;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  async admit(guest: Guest): Promise<void> {
    this.#guest = guest;
    await this.#listen();
  }

  async hold(): Promise<void> {
    this.#held = true;
    this.#port = 0;
    await this.#listen();
  }

  async shut(): Promise<void> {
    this.#guest = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#held) await this.close();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await closed(server);
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((socket) => this.#enter(socket));
    this.#server = server;
    await listening(server, this.host, this.#port);
    this.#port = portOf(server);
  }

  #enter(socket: Socket): void {
    if (this.#guest === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    // The short messages of SSH's handshake would wait 40 ms each for an acknowledgement.
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    this.#guest(socket);
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
