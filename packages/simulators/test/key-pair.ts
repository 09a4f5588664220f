import ssh2 from 'ssh2';

function readablePair(): { public: string; private: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'test' });
    // ssh2 sometimes creates a key that it cannot parse.
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

const pair = readablePair();
export const publicKey = pair.public;
export const privateKey = pair.private;
