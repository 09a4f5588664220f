import { randomBytes } from 'node:crypto';
import { sha256Of } from './content-of.ts';

/** Begin of the password, which a job may contain, unlike the password. */
const begin = 'planted-registry-';
const password = `${begin}${randomBytes(12).toString('hex')}`;
const login = `chaos:${password}`;

/** A registry that wants a login, as the simulated container runtime has it. Its password must not be stored anywhere. */
export const privateRegistry = {
  image: 'registry.private.example/chaos/job:1',
  /** Variable of the workers with the login. */
  variable: 'CHAOS_REGISTRY',
  login,
  password,
  /** What the runtime notes of the login. */
  note: `registry.private.example ${sha256Of(Buffer.from(login))}`,
  /** Basic regular expression that finds the password, but not itself. */
  pattern: begin.replace(/-$/, '[-]'),
} as const;
