import { connect } from 'node:net';
import type { AcceptConnection, RejectConnection, ServerChannel, TcpipRequestInfo } from 'ssh2';

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);
/** An editor or a browser opens some tens at once. */
const mostForwards = 128;

/** Forwards connections of clients (`ssh -L` and `ssh -D`) to ports on the loopback address of one instance, as sshd does by default. */
export class Forwarding {
  #open = 0;

  /** Connects one connection of a client. A target that is not on a loopback address is refused, as one connection too many is. */
  forward(
    accept: AcceptConnection<ServerChannel>,
    reject: RejectConnection,
    { destIP: host, destPort: port }: Pick<TcpipRequestInfo, 'destIP' | 'destPort'>,
  ): void {
    if (!loopback.has(host) || this.#open >= mostForwards) {
      reject();
      return;
    }
    this.#open += 1;
    // Each direction ends on its own, as with sshd.
    const socket = connect({ host, port, allowHalfOpen: true });
    let channel: ServerChannel | undefined;
    socket.on('connect', () => {
      channel = accept();
      channel.on('error', () => {});
      channel.on('close', () => socket.destroy());
      socket.pipe(channel).pipe(socket);
    });
    socket.on('error', () => (channel === undefined ? reject() : channel.destroy()));
    socket.on('close', () => {
      this.#open -= 1;
    });
  }
}
