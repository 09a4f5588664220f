import { z } from 'zod';

/** Bash refuses to set them, on the instance, when it is rented already. */
const readOnly: ReadonlySet<string> = new Set(['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID']);

/** Name of an environment variable. */
export const variableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'use letters, digits, and underscores for a variable name, and do not start with a digit',
  )
  .refine((name) => !readOnly.has(name), 'is a read-only variable of the shell; choose another name');
